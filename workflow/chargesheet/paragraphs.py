"""Cut an article's text into paragraphs, keeping the offsets of the stored text.

Stanza's tokenizer takes a single line break for a space, so a title and the first sentence would
become one sentence. Each paragraph is therefore parsed by itself.
"""

import re
from dataclasses import dataclass

_WIDTH = (50, 100)  # characters of a hard-wrapped line, shortest and longest
_BREAKS = r"\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029"  # what str.splitlines takes for line ends
_BREAK = re.compile(f"[{_BREAKS}]")
_LINE = re.compile(f"[^{_BREAKS}]+")
_END = re.compile(r"[.!?:;][\"'”’)\]]*\s*$")
MAX_CHARS = 20_000  # a longer paragraph is cut at white space: memory grows with length


@dataclass(frozen=True)
class Paragraph:
    """``text == article[start:start + len(text)]``, save that inner line breaks are spaces."""

    start: int
    text: str


def is_hard_wrapped(text: str) -> bool:
    """True if most lines inside blocks are broken at a fixed width, mid-sentence."""
    blocks = [block.splitlines() for block in re.split(r"\n\s*\n", text)]
    inner = [line for block in blocks for line in block[:-1] if line.strip()]
    if len(inner) < 4:
        return False
    low, high = _WIDTH
    filled = [line for line in inner if low <= len(line.rstrip()) <= high and not _END.search(line)]
    return len(filled) >= 0.6 * len(inner)


def split(text: str) -> list[Paragraph]:
    """Split an article into paragraphs: one per line, or per block in a hard-wrapped file."""
    spans = _blocks(text) if is_hard_wrapped(text) else [match.span() for match in _LINE.finditer(text)]
    found = []
    for start, end in spans:
        raw = text[start:end]
        start += len(raw) - len(raw.lstrip())
        found += _cut(start, _BREAK.sub(" ", raw.strip()))
    return [paragraph for paragraph in found if paragraph.text.strip()]


def _blocks(text: str) -> list[tuple[int, int]]:
    """Spans of the blocks between blank lines."""
    spans, start, at = [], None, 0
    for line in [*text.splitlines(keepends=True), ""]:
        if not line.strip():
            if start is not None:
                spans.append((start, at))
            start = None
        elif start is None:
            start = at
        at += len(line)
    return spans


def _cut(start: int, text: str) -> list[Paragraph]:
    pieces = []
    while len(text) > MAX_CHARS:
        at = text.rfind(" ", 0, MAX_CHARS) + 1 or MAX_CHARS
        pieces.append(Paragraph(start, text[:at]))
        start, text = start + at, text[at:]
    pieces.append(Paragraph(start, text))
    return pieces
