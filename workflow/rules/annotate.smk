"""annotate: run Stanza over a shard of articles.

Needs: data/processed/articles/{shard}.jsonl, the models that the settings name.
Gives: data/processed/annotations/{shard}.conllu, {shard}.failures.jsonl (articles that could not be parsed).
"""


rule annotate:
    input:
        articles=articles,
    output:
        annotations="data/processed/annotations/{shard}.conllu",
        failures="data/processed/annotations/{shard}.failures.jsonl",
    log:
        "logs/annotate/{shard}.log",
    benchmark:
        "logs/benchmarks/annotate/{shard}.tsv"
    resources:
        mem_mb=3000,
    params:
        code=digest.code("annotate", data=["models/en_compact/SHA256SUMS"]),
        options=options(**SETTINGS.annotate.model_dump()),
    message:
        "Parsing the articles of shard {wildcards.shard} with Stanza"
    shell:
        "chargesheet annotate --articles {input.articles:q} --out {output.annotations:q}"
        " --failures {output.failures:q} {params.options:q} > {log:q} 2>&1"
