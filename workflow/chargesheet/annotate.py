"""annotate: run Stanza over articles and write CoNLL-U with NER and character offsets.

Every paragraph is a document of its own for Stanza, all paragraphs of an article one batch: the
result of an article does not depend on which articles share its shard.
"""

import logging
from collections.abc import Callable

from chargesheet import paragraphs


def quiet() -> None:
    """Keep load reports and progress bars of the libraries off the user's screen."""
    from transformers.utils import logging as hf

    hf.set_verbosity_error()
    hf.disable_progress_bar()
    logging.getLogger("stanza").setLevel(logging.ERROR)


def to_conllu(doc_id: str, text: str, pipeline: Callable) -> str:
    """Annotate one article.

    Returns CoNLL-U: sentences with ``# newdoc id``, ``# sent_id``, and in MISC ``start_char``,
    ``end_char`` (offsets into ``text``) and ``ner`` (BIOES).
    """
    import stanza

    parts = paragraphs.split(text)
    documents = pipeline.bulk_process([stanza.Document([], text=p.text) for p in parts])
    blocks, number = [], 0
    for part, document in zip(parts, documents, strict=True):
        for sentence in document.sentences:
            for token in sentence.tokens:
                token._start_char += part.start
                token._end_char += part.start
                for word in token.words:
                    if word._start_char is not None:
                        word._start_char += part.start
                        word._end_char += part.start
            number += 1
            first, last = sentence.tokens[0].start_char, sentence.tokens[-1].end_char
            head = [f"# newdoc id = {doc_id}"] if number == 1 else []
            if sentence is document.sentences[0]:
                head.append(f"# newpar id = {doc_id}-p{parts.index(part) + 1}")
            head += [f"# sent_id = {doc_id}-{number}"]
            head += ["# text = " + " ".join(text[first:last].split())]
            body = [line for line in f"{sentence:C}".split("\n") if line and not line.startswith("#")]
            blocks.append("\n".join(head + body))
    return "".join(block + "\n\n" for block in blocks)
