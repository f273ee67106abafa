"""Chargesheet: from a folder of news articles to a ledger of accusations.

Data flows one way, one module per step:
``ingest -> annotate -> code -> tabulate -> figures -> notebooks, evidence``.
"""

__version__ = "0.1.0"
