"""notebooks: execute the notebooks that combine tables and figures into a narrative.

Needs: results/tables/, results/figures/, the notebooks of the repository.
Gives: results/notebooks/*.ipynb (with outputs) and *.html, results/narrative.html.
"""


rule notebook:
    input:
        rules.tabulate.output,
        rules.figures.output,
        notebook=notebook_source,
    output:
        ipynb="results/notebooks/{notebook}.ipynb",
        html=report(
            "results/notebooks/{notebook}.html",
            caption="../report/notebook.rst",
            category="Notebooks",
            labels={"notebook": "{notebook}"},
        ),
    log:
        "logs/notebook/{notebook}.log",
    benchmark:
        "logs/benchmarks/notebook/{notebook}.tsv"
    params:
        code=digest.code("notebook", "study", "story", data=["templates"]),
    message:
        "Executing the notebook {wildcards.notebook}"
    shell:
        "chargesheet notebook --notebook {input.notebook:q} --results results"
        " --ipynb {output.ipynb:q} --html {output.html:q} > {log:q} 2>&1"
