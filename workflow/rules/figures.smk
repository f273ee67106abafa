"""figures: draw the figures from the tables.

Needs: results/tables/.
Gives: results/figures/: each figure as PDF, SVG and PNG, with its caption in a .txt file.
"""


rule figures:
    input:
        rules.tabulate.output,
    output:
        report(
            directory("results/figures"),
            patterns=["{figure,[a-z-]+}.svg"],
            caption="../report/figure.rst",
            category="Figures",
            labels={"figure": "{figure}"},
        ),
    log:
        "logs/figures.log",
    benchmark:
        "logs/benchmarks/figures.tsv"
    params:
        code=digest.code("figures", data=["fonts/*", "styles/*"]),
        options=options(top=SETTINGS.figures.top),
    message:
        "Drawing the figures"
    shell:
        "chargesheet figures --tables results/tables --out {output:q} {params.options:q} > {log:q} 2>&1"
