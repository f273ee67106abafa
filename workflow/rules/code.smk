"""code: find who accuses whom of what in a shard.

Needs: articles and annotations of the shard; the study's own cues if its settings name some.
Gives: data/processed/records/{shard}.jsonl, {shard}.failures.jsonl, data/processed/mentions/{shard}.jsonl.
"""


rule code:
    input:
        articles=articles,
        annotations="data/processed/annotations/{shard}.conllu",
        cues=own_cues,
    output:
        records="data/processed/records/{shard}.jsonl",
        mentions="data/processed/mentions/{shard}.jsonl",
        failures="data/processed/records/{shard}.failures.jsonl",
    log:
        "logs/code/{shard}.log",
    benchmark:
        "logs/benchmarks/code/{shard}.tsv"
    resources:
        mem_mb=2000,
    params:
        code=digest.code("code", data=["codebook/**/*", "models/*.*", "models/coder/**/*"]),
        options=options(cues=SETTINGS.code.cues),
    message:
        "Coding the articles of shard {wildcards.shard}"
    shell:
        "chargesheet code --articles {input.articles:q} --annotations {input.annotations:q}"
        " --records {output.records:q} --mentions {output.mentions:q} --failures {output.failures:q}"
        " {params.options:q} > {log:q} 2>&1"
