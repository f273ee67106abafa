"""notebooks: execute the notebooks that combine tables and figures; print the narrative.

Needs: results/tables/, results/figures/, the notebooks of the repository.
Gives: results/notebooks/*.ipynb (with outputs) and *.html, results/narrative.html and narrative.pdf.
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
        code=digest.code("notebook", "study", "story", data=["templates/**/*"]),
        options=notebook_options,
    message:
        "Executing the notebook {wildcards.notebook}"
    shell:
        "chargesheet notebook --notebook {input.notebook:q} --results results"
        " --ipynb {output.ipynb:q} --html {output.html:q} {params.options:q} > {log:q} 2>&1"


rule narrative:
    input:
        figures=rules.figures.output,
        notebook="results/notebooks/narrative.ipynb",
    output:
        html=report(
            "results/narrative.html",
            caption="../report/narrative.rst",
            category="Narrative",
            labels={"narrative": "to read on a screen"},
        ),
        pdf=report(
            "results/narrative.pdf",
            caption="../report/narrative.rst",
            category="Narrative",
            labels={"narrative": "to print (PDF)"},
        ),
    log:
        "logs/narrative.log",
    benchmark:
        "logs/benchmarks/narrative.tsv"
    params:
        code=digest.code("narrative", data=["fonts/*", "templates/**/*"]),
    message:
        "Writing the narrative"
    shell:
        "chargesheet narrative --ipynb {input.notebook:q} --figures {input.figures:q}"
        " --html {output.html:q} --pdf {output.pdf:q} > {log:q} 2>&1"
