# Chargesheet: who accuses whom of what, from a folder of news articles to tables, figures and a narrative.
#
# raw files -> articles -> annotations -> records -> tables -> figures -> notebooks -> narrative, evidence, manifest
#
# The working directory is the study: data/raw/ holds its articles, config/config.yaml (optional) its settings.
from snakemake.utils import min_version

min_version("9.27")


# Jobs run in the environment that runs Snakemake (`make` sets it up); the image names the system it is tested on.
container: "docker://python:3.11-bookworm"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/ingest.smk"
include: "workflow/rules/annotate.smk"
include: "workflow/rules/code.smk"
include: "workflow/rules/tabulate.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/exports.smk"
include: "workflow/rules/notebooks.smk"
include: "workflow/rules/evidence.smk"
include: "workflow/rules/manifest.smk"


localrules:
    all,


rule all:
    default_target: True
    input:
        RESULTS,
        "results/manifest.json",


onsuccess:
    if Path("results", "tables", "accusations.parquet").exists():
        shell("chargesheet summary")
