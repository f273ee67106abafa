"""Quotation marks: which stretches of an article stand inside them (codebook ruling 21)."""

from __future__ import annotations

import re

OPEN = {"“": "”", "„": "“”", "«": "»", "‘": "’"}
DASHED = re.compile(r"(?<!\w)'(?=\w)[^'\n]{2,300}?(?<=[\w.,!?])'(?!\w)")


def intervals(text: str) -> list[tuple[int, int]]:
    """Offsets (start, end) of quoted stretches, marks left out, in text order.

    A straight mark opens or closes by turns within a line; a curly one that is never closed runs to the end
    of its line (the next paragraph of a long quotation opens again). Writers mix both: “ ... ".
    """
    found = []
    for line in re.finditer(r"[^\n]+", text):
        start = None
        for m in re.finditer(r'["“”„«»]', line.group()):
            at, mark = line.start() + m.start(), m.group()
            if start is None:
                if mark not in "”»":
                    start = at + 1
            elif mark != "„":
                if mark == "“" and start is not None and not line.group()[m.end() : m.end() + 1].strip():
                    mark = "”"
                if mark == "“":
                    start = at + 1
                else:
                    found.append((start, at))
                    start = None
        if start is not None and line.end() - start > 1:
            found.append((start, line.end()))
        found += [(line.start() + m.start() + 1, line.start() + m.end() - 1) for m in DASHED.finditer(line.group())]
        found += [
            (line.start() + m.start() + 1, line.start() + m.end() - 1)
            for m in re.finditer(r"‘[^‘\n]{2,300}?’(?!\w)", line.group())
        ]
    return sorted(found)


def kind(span: tuple[int, int] | None, quoted: list[tuple[int, int]]) -> str:
    """ "direct", "mixed" or "indirect": is the span inside quotation marks wholly, partly or not."""
    if span is None:
        return "indirect"
    start, end = span
    if any(a <= start and end <= b + 1 for a, b in quoted):
        return "direct"
    return "mixed" if any(a < end and start < b and min(b, end) - max(a, start) > 1 for a, b in quoted) else "indirect"
