"""tabulate: gather the records of all shards into tables.

Needs: everything in data/processed/, config/actors.csv if there is one.
Gives: results/tables/: seven tables as CSV and Parquet, accusations.jsonl, datapackage.json (what the columns mean).
"""


rule tabulate:
    input:
        articles=rules.ingest.output.articles,
        rejects=rules.ingest.output.rejects,
        annotations=expand("data/processed/annotations/{shard}.conllu", shard=SHARDS),
        unparsed=expand("data/processed/annotations/{shard}.failures.jsonl", shard=SHARDS),
        records=expand("data/processed/records/{shard}.jsonl", shard=SHARDS),
        uncoded=expand("data/processed/records/{shard}.failures.jsonl", shard=SHARDS),
        mentions=expand("data/processed/mentions/{shard}.jsonl", shard=SHARDS),
        actors=own_actors,
    output:
        csv=[
            report(
                f"results/tables/{table}.csv",
                caption="../report/table.rst",
                category="Tables",
                labels={"table": table},
            )
            for table in TABLES
        ],
        parquet=expand("results/tables/{table}.parquet", table=TABLES),
        records="results/tables/accusations.jsonl",
        dictionary="results/tables/datapackage.json",
    log:
        "logs/tabulate.log",
    benchmark:
        "logs/benchmarks/tabulate.tsv"
    params:
        code=digest.code("tabulate", data=["codebook/**/*"]),
        options=options(actors=OWN_ACTORS, minimum_confidence=SETTINGS.code.minimum_confidence),
    message:
        "Gathering the records into tables"
    shell:
        "chargesheet tabulate --processed data/processed --out results/tables {params.options:q} > {log:q} 2>&1"
