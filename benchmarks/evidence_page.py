"""How long the evidence page takes to open in Chromium, and how that grows with its records.

python benchmarks/evidence_page.py [CHROMIUM]

Prints, for a tenth and for the whole of 1,200 articles with 5,000 records: the size of the page, the time from
navigation to a drawn list, and the time from a key in the search field to the filtered list.
"""

import random
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from chargesheet import evidence

WORDS = "the minister said on Monday that rebels attacked a town and officials denied any part in it".split()
DRAWN = "() => document.querySelectorAll('.record').length"


def study(articles: int, records: int) -> dict:
    """Articles of 600 words with records spread over them."""
    draw = random.Random(1)
    rows = []
    for number in range(articles):
        text = " ".join(draw.choice(WORDS) for _ in range(600))
        fields = {
            "title": f"Article {number}",
            "date": f"2024-{number % 12 + 1:02d}-01",
            "outlet": f"Outlet {number % 9}",
        }
        rows.append({"doc_id": f"a{number}", "url": "", "text": text} | fields)
    made = []
    for number in range(records):
        row = rows[number % articles]
        start = row["text"].index(" ", draw.randrange(2500)) + 1

        def span(at: int, length: int, text: str = row["text"]) -> dict:
            return {"start": at, "end": at + length, "text": text[at : at + length]}

        def actor(at: int, row: dict = row) -> list[dict]:
            name = f"Actor {draw.randrange(400)}"
            return [{"start": at, "end": at + 8, "name": name, "actor_id": name}]

        made.append(
            {"id": f"{row['doc_id']}#{number}", "claim_id": str(number), "doc_id": row["doc_id"], "asserted": True}
            | {"act": draw.choice(["accuse", "condemn", "deny"]), "sources": actor(start), "targets": actor(start + 30)}
            | {"via": [], "cue": span(start + 10, 6), "allegation": span(start + 30, 60), "category": "crime"}
            | {"quoted": "indirect", "responds_to": None, "frame": "accuse-of", "confidence": 0.8}
        )
    return evidence.payload(made, rows, {}, {})


def main() -> None:
    chromium = sys.argv[1] if len(sys.argv) > 1 else shutil.which("chromium") or shutil.which("google-chrome")
    times = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for articles, records in ((120, 500), (1200, 5000)):
            path = Path(folder, f"{records}.html")
            path.write_text(evidence.page(study(articles, records)), encoding="utf-8")
            runs = []
            for _ in range(3):
                page = browser.new_page()
                page.goto(path.as_uri())
                page.wait_for_function(DRAWN)
                opened = page.evaluate("performance.getEntriesByType('navigation')[0].domComplete")
                filtered = page.evaluate(
                    """() => { const field = document.getElementById("f-source"); const start = performance.now();
                    field.value = "Actor 7"; document.getElementById("form").requestSubmit();
                    return performance.now() - start; }"""
                )
                runs.append((opened, filtered))
                page.close()
            opened, filtered = (min(values) for values in zip(*runs, strict=True))
            times.append(opened)
            what = f"{articles:5} articles, {records:5} records: {path.stat().st_size / 1e6:.1f} MB"
            print(f"{what}, open {opened:.0f} ms, filter {filtered:.0f} ms")
        browser.close()
    print(f"ten times the records open in {times[1] / times[0]:.1f} times the time")


if __name__ == "__main__":
    main()
