"""manifest: checksums of what went in and what came out, versions of all packages.

Needs: everything in results/, data/raw/.
Gives: results/manifest.json, which `chargesheet manifest verify` checks.
"""


rule manifest:
    input:
        RESULTS,
    output:
        "results/manifest.json",
    log:
        "logs/manifest.log",
    benchmark:
        "logs/benchmarks/manifest.tsv"
    params:
        code=digest.code("manifest"),
        raw=RAW,
        settings=json.dumps(SETTINGS.for_results(), ensure_ascii=False, sort_keys=True),
    message:
        "Writing the manifest"
    shell:
        "chargesheet manifest write --manifest {output:q} --settings {params.settings:q} --outputs {input:q}"
        " > {log:q} 2>&1"
