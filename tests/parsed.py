"""Small parsed articles for tests, written down word by word."""

from chargesheet.conllu import Document, Sentence, Token

_NUMBER = {"NNS": "Plur", "NNPS": "Plur", "NN": "Sing", "NNP": "Sing"}


def article(*sentences: str, doc_id: str = "test") -> tuple[Document, str]:
    """Build (document, text) from words as ``form/UPOS/head/deprel[/NER][=lemma]``, one string per sentence.

    UPOS may carry a number: ``NOUN.Plur``. Words are joined by spaces, "'s" and punctuation without.
    """
    document, text = Document(doc_id), ""
    for number, line in enumerate(sentences, start=1):
        tokens = []
        for at, word in enumerate(line.split(), start=1):
            body, _, lemma = word.partition("=")
            form, upos, head, deprel, *ner = body.split("/")
            upos, _, plural = upos.partition(".")
            if text and not (form in ("'s", "’s", ".", ",", "”") or text.endswith(("“", "\n"))):
                text += " "
            start = len(text)
            text += form
            feats = {"Number": plural or "Sing"} if upos in ("NOUN", "PROPN") else {}
            base = lemma or (form.lower() if upos not in ("PROPN",) else form)
            tokens.append(
                Token(at, form, base, upos, "", feats, int(head), deprel, start, len(text), ner[0] if ner else "O")
            )
        text += "\n"
        document.sentences.append(Sentence(number, number, tokens))
    return document, text
