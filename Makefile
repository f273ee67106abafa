# Chargesheet: from a folder of news articles to a narrative about who accuses whom. `make help` lists the targets.

# The study to run: a folder with data/raw/ in it. Without one, this repository is the study.
STUDY ?=
# The Python to use (3.11 or newer). Without one, the first suitable one that is found.
PYTHON ?=
# A package index for torch alone, for instance one with CPU builds.
TORCH_INDEX ?=
# More arguments for the program that a target calls: make ARGS=--dry-run, make test ARGS="-k actors".
ARGS ?=

export STUDY PYTHON TORCH_INDEX
export PATH := $(CURDIR)/.venv/bin:$(PATH)
unexport PYTHONPATH PYTHONHOME

SNAKEMAKE := .venv/bin/snakemake --directory "$${STUDY:-.}"

.DEFAULT_GOAL := results
.PHONY: help results test lab report clean distclean lint format lock setup setup-test setup-dev study

results: setup study ## Set up, run the study, and say where to look (the default)
	@$(SNAKEMAKE) $(ARGS)

test: setup-test ## Set up and run every test
	@.venv/bin/pytest --numprocesses logical --maxprocesses 4 --dist loadgroup --no-loadscope-reorder $(ARGS)

lab: setup study ## Open the study's notebooks in JupyterLab
	@test -d "$${STUDY:-.}/results/notebooks" || { echo "There are no notebooks yet: call make first." >&2; exit 1; }
	@clone=$$PWD; cd "$${STUDY:-.}" && "$$clone/.venv/bin/jupyter" lab --ServerApp.root_dir=. $(ARGS) results/notebooks/narrative.ipynb

report: results ## Write Snakemake's own report of the run: results/report.html
	@$(SNAKEMAKE) --report results/report.html $(ARGS)
	@echo "The report is at $${STUDY:+$$STUDY/}results/report.html"

clean: setup study ## Remove what a run made; articles and settings stay
	@$(SNAKEMAKE) --delete-all-output $(ARGS)
	@cd "$${STUDY:-.}" && rm -rf logs results/report.html

distclean: ## Remove everything that is not in the repository's history, the environment too
	@rm -rf .venv .venv-setup.* .snakemake .pytest_cache .ruff_cache .hypothesis workflow/*.egg-info
	@find data/processed results -mindepth 1 ! -path '*/README.md' -delete

lint: setup-test ## Check style and the workflow
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/snakefmt --check Snakefile workflow/rules
	@.venv/bin/snakemake --lint

format: setup-test ## Put code and workflow into their standard form
	@.venv/bin/ruff check --fix
	@.venv/bin/ruff format
	@.venv/bin/snakefmt Snakefile workflow/rules

lock: setup-dev ## Renew constraints.txt from pyproject.toml
	@.venv/bin/uv pip compile --universal --python-version 3.11 --all-extras --no-header --no-annotate \
		--no-emit-index-url --quiet --output-file constraints.txt $(ARGS) pyproject.toml

setup: ## Only set up: make .venv and install the project into it
	@workflow/scripts/setup.sh

setup-test:
	@workflow/scripts/setup.sh test

setup-dev: ## Set up for work on Chargesheet itself, with the pre-commit checks
	@workflow/scripts/setup.sh dev
	@.venv/bin/pre-commit install

study:
	@test -d "$${STUDY:-.}" || { echo "STUDY=$$STUDY is not a folder. Make it, with your articles in data/raw/ below it." >&2; exit 1; }

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo "  make STUDY=path/to/study runs a study elsewhere; TORCH_INDEX, PYTHON and ARGS are explained in the Makefile."
