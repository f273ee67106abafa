"""evidence: the page that shows every record in its article.

Needs: results/tables/, data/processed/articles/.
Gives: results/evidence.html.
"""


rule evidence:
    input:
        rules.tabulate.output,
        articles=rules.ingest.output.articles,
    output:
        page=report(
            "results/evidence.html", caption="../report/evidence.rst", category="Evidence", labels={"page": "evidence"}
        ),
    log:
        "logs/evidence.log",
    benchmark:
        "logs/benchmarks/evidence.tsv"
    params:
        code=digest.code("evidence", data=["templates/**/*"]),
        options=options(title=SETTINGS.study.title or None, narrative="narrative.html"),
        sentences_only=[] if SETTINGS.study.share_articles else ["--sentences-only"],
    message:
        "Writing the evidence page"
    shell:
        "chargesheet evidence --tables results/tables --articles {input.articles:q} --out {output.page:q}"
        " {params.options:q} {params.sentences_only:q} > {log:q} 2>&1"
