"""ingest: read raw articles into shards.

Needs: data/raw/ (.txt files in any subfolders, metadata.csv if there is one).
Gives: data/processed/articles/{shard}.jsonl, data/processed/rejects.jsonl.

A checkpoint, because only after it has run is it known which shards have changed: it leaves the others as
they are, and nothing after them reruns. An article's shard follows from its id alone.
"""


checkpoint ingest:
    output:
        articles=update(directory("data/processed/articles")),
        rejects="data/processed/rejects.jsonl",
    log:
        "logs/ingest.log",
    benchmark:
        "logs/benchmarks/ingest.tsv"
    params:
        code=digest.code("ingest"),
        raw=RAW,
        options=options(shards=len(SHARDS), language=SETTINGS.corpus.language),
    message:
        "Reading the articles in data/raw"
    shell:
        "chargesheet ingest --raw data/raw --out {output.articles:q} --rejects {output.rejects:q}"
        " {params.options:q} > {log:q} 2>&1"
