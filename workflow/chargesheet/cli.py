"""The command line: ``chargesheet <verb> ...``, one verb per module.

A verb's module has ``add_arguments(parser)`` and ``run(args)``; it is imported only when called,
so that a light verb does not pay for Stanza.
"""

import argparse
import importlib
import sys

from chargesheet import __version__
from chargesheet.errors import UserError

VERBS = {
    "ingest": "read raw articles into shards, with a table of rejects",
    "annotate": "run Stanza over a shard of articles (CoNLL-U)",
    "code": "find who accuses whom of what in a shard",
    "tabulate": "gather records into tables",
    "figures": "draw the figures from the tables",
    "export": "write the ledger for other tools, and tables for publication",
    "notebook": "execute a notebook into .ipynb and .html",
    "narrative": "write the narrative as a page and as PDF",
    "evidence": "write the evidence page",
    "manifest": "write or verify checksums of inputs, outputs, models and packages",
    "summary": "say in one sentence what was found and where to look",
    "explain": "show how a record was decided",
    "train": "train the coder's models on a folder of coded articles",
}


def main(argv: list[str] | None = None) -> int:
    """Run a verb; return the exit status (1 for an error that the user can mend)."""
    argv = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(prog="chargesheet", description="From news articles to a ledger of accusations.")
    parser.add_argument("--version", action="version", version=__version__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb, text in VERBS.items():
        sub = verbs.add_parser(verb, help=text, description=text)
        if argv[:1] == [verb]:
            module = importlib.import_module(f"chargesheet.{verb}")
            module.add_arguments(sub)
            sub.set_defaults(run=module.run)
    args = parser.parse_args(argv)
    try:
        args.run(args)
    except UserError as error:
        print(f"chargesheet {args.verb}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
