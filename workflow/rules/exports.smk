"""exports: the ledger for other tools, and tables for publication.

Needs: results/tables/.
Gives: results/exports/: network for Gephi (GraphML, GEXF), events (CSV), annotations (JSON-LD), numbers for LaTeX;
exports/tables/: tables for a paper as CSV, LaTeX and HTML.
"""


rule export:
    input:
        rules.tabulate.output,
    output:
        directory("results/exports"),
    log:
        "logs/export.log",
    benchmark:
        "logs/benchmarks/export.tsv"
    params:
        code=digest.code("export", data=["codebook/*"]),
        options=options(top=SETTINGS.figures.top),
    message:
        "Writing the exports"
    shell:
        "chargesheet export --tables results/tables --out {output:q} {params.options:q} > {log:q} 2>&1"
