"""The reader: a small neural model that reads an article as a coder does.

One pass of the sentence encoder (all-MiniLM-L6-v2, LoRA adapters on its upper half; Hu et al. 2022) over a
window of the article gives word vectors, joined with what the parse says of each word. Three heads read them:

* *cue*: is this word the head of a cue, and of which act (none, accuse, condemn, deny)?
* *arguments*: given a cue word, which words head its sources, targets, via, and which words are in its
  allegation (a bilinear score as in biaffine parsing, Dozat & Manning 2017, plus the path in the tree)?
* *category*: given a cue and its allegation, what is it about?

The model proposes and weighs; frames cut the spans and ``accusations`` decides.
"""

from __future__ import annotations

import itertools
import warnings
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import nn

from chargesheet import files, syntax
from chargesheet.conllu import Document, Sentence, Token
from chargesheet.errors import UserError
from chargesheet.stanza_models import encoder_folder, quiet

ACTS = ("none", "accuse", "condemn", "deny")
ROLES = ("source", "target", "via", "allegation")
CATEGORIES = (
    "terrorism", "violence", "rights", "espionage", "interference", "crime", "deception", "breach", "economic", "other",
)  # fmt: skip
WEIGHTS = Path(__file__).parent / "models" / "coder" / "reader.safetensors"

OWN, LEFT, RIGHT = 220, 60, 30  # word pieces of a window: judged, and context before and after
FROZEN = 2  # layers of the encoder below the adapters: their output can be kept while training
PIECES = 8  # a word longer than this many pieces is cut
UPOS = "X ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB".split()
DEPRELS = (
    "dep root nsubj nsubj:pass obj iobj obl obl:agent obl:unmarked nmod nmod:poss nmod:desc nmod:unmarked amod "
    "advmod acl acl:relcl advcl ccomp xcomp csubj parataxis appos compound compound:prt flat conj cc case mark det "
    "aux aux:pass cop punct nummod discourse vocative expl fixed list dislocated orphan goeswith reparandum"
).split()
NER = "O Person Organization Location NORP Facility Date Money Product Misc".split()
PATHS = 1024  # buckets for hashed tree paths
DISTANCES = 24
LINEAR = ["query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense"]


@dataclass
class Window:
    """Words ``first``..``last`` of an article; cues are taken from those whose ``own`` is true."""

    words: list[int]
    own: np.ndarray
    pieces: list[list[int]] = field(default_factory=list)


@dataclass
class Article:
    """An article as the reader sees it: parallel lists over its words."""

    document: Document
    tokens: list[Token]
    sentence: list[int]  # index of the sentence of each word
    offset: list[int]  # index of the first word of each sentence
    pieces: list[list[int]]
    features: np.ndarray  # (words, 4): upos, deprel, ner, deprel of the head
    pointers: np.ndarray  # (words, 3): word of the logical subject, object and content of each word, -1 for none

    def index(self, sentence: Sentence, token: Token) -> int:
        """Position of a token among all words of the article."""
        return self.offset[sentence.number - 1] + token.id - 1


def _index(values: list[str], value: str) -> int:
    if value in values:
        return values.index(value)
    short = value.split(":")[0]
    return values.index(short) if short in values else 0


def prepare(document: Document, tokenizer) -> Article:
    """Word pieces and parse features of an article."""
    tokens, sentence, offset = [], [], []
    for number, s in enumerate(document.sentences):
        offset.append(len(tokens))
        tokens += s.tokens
        sentence += [number] * len(s.tokens)
    encoded = tokenizer([t.form[:100] for t in tokens], add_special_tokens=False)["input_ids"] if tokens else []
    unknown = tokenizer.unk_token_id
    pieces = [ids[:PIECES] or [unknown] for ids in encoded]
    features = np.zeros((len(tokens), 4), dtype=np.int64)
    for i, t in enumerate(tokens):
        head = document.sentences[sentence[i]].head(t)
        features[i] = (
            _index(UPOS, t.upos),
            _index(DEPRELS, t.deprel),
            _index(NER, t.ner.split("-")[-1]),
            _index(DEPRELS, head.deprel) if head else 1,
        )
    article = Article(
        document, tokens, sentence, offset, pieces, features, np.full((len(tokens), 3), -1, dtype=np.int64)
    )
    for i, t in enumerate(tokens):
        if t.upos in {"VERB", "NOUN", "ADJ", "ADV", "AUX"}:
            s = document.sentences[sentence[i]]
            for column, found in enumerate(_near(s, t)):
                if found is not None and found.id != t.id:
                    article.pointers[i, column] = article.index(s, found)
    return article


def _near(sentence: Sentence, token: Token) -> tuple[Token | None, Token | None, Token | None]:
    """What a cue head should look at: the logical subject, the object, and the content (clause, or "of ..." phrase)."""
    if token.upos in {"ADV", "ADJ"}:
        up = sentence.head(token)
        if up is None:
            return None, None, None
        return next(iter(syntax.doers(sentence, up)), None), next(iter(sentence.children(up, "obj")), None), up
    subject = next(iter(syntax.subjects(sentence, token)), None)
    thing = next(iter(syntax.objects(sentence, token)), None)
    clause = syntax.content(sentence, token)
    if clause is None:
        about = syntax.phrases(sentence, token, ("of", "for", "with", "that", "against", "in", "over", "on"))
        about += sentence.children(token, "acl")
        clause = about[0] if about else None
    if clause is None and thing is not None:
        clause = next(iter(syntax.phrases(sentence, thing, ("of", "for", "by"))), None)
    if token.upos == "NOUN" and subject is None:
        subject = next(iter(sentence.children(token, "nmod:poss", "compound")), None)
        thing = sentence.head(token)
    return subject, thing, clause


def windows(article: Article) -> list[Window]:
    """Cut an article into windows of whole sentences where they fit, with context on both sides."""
    lengths = [len(p) for p in article.pieces]
    total = len(lengths)
    if sum(lengths) <= OWN + LEFT + RIGHT:
        return [Window(list(range(total)), np.ones(total, dtype=bool))] if total else []
    cuts, at, size = [0], 0, 0
    bounds = set(article.offset)
    while at < total:
        if size + lengths[at] > OWN:
            back = next((k for k in range(at, cuts[-1], -1) if k in bounds), at)
            cuts.append(back)
            at, size = back, 0
        size += lengths[at]
        at += 1
    cuts.append(total)
    found = []
    for start, end in itertools.pairwise(cuts):
        first, room = start, LEFT
        while first > 0 and room >= lengths[first - 1]:
            first -= 1
            room -= lengths[first]
        last, room = end, RIGHT
        while last < total and room >= lengths[last]:
            room -= lengths[last]
            last += 1
        own = np.zeros(last - first, dtype=bool)
        own[start - first : end - first] = True
        found.append(Window(list(range(first, last)), own))
    return found


def tree_path(sentence: Sentence, a: Token, b: Token) -> str:
    """The path from ``a`` to ``b`` in the tree: relations up to the common ancestor, then down."""
    up = [a, *sentence.ancestors(a)]
    down = [b, *sentence.ancestors(b)]
    ids = {t.id: k for k, t in enumerate(up)}
    meet = next(k for k, t in enumerate(down) if t.id in ids)
    rise = [t.deprel for t in up[: ids[down[meet].id]]]
    fall = [t.deprel for t in reversed(down[:meet])]
    return "<".join(rise) + "|" + ">".join(fall)


def _bucket(text: str, buckets: int) -> int:
    return 1 + zlib.crc32(text.encode()) % (buckets - 1)


def relate(article: Article, cue: int, words: list[int]) -> np.ndarray:
    """Where each word stands as seen from the cue: (words, 3) of path bucket, distance bucket, sentence distance."""
    out = np.zeros((len(words), 3), dtype=np.int64)
    home = article.sentence[cue]
    sentence = article.document.sentences[home]
    origin = article.tokens[cue]
    for row, w in enumerate(words):
        gap = article.sentence[w] - home
        if gap == 0:
            path = tree_path(sentence, origin, article.tokens[w])
            out[row, 0] = _bucket(path if path.count("<") + path.count(">") < 6 else "far", PATHS)
        distance = w - cue
        step = int(np.sign(distance)) * min(11, int(np.log2(abs(distance) + 1) * 2)) if distance else 0
        out[row, 1] = step + 12
        out[row, 2] = max(-4, min(2, gap)) + 4
    return out


class Reader(nn.Module):
    """The network. ``rank`` is that of the LoRA adapters on the linear layers of the encoder's upper half."""

    def __init__(self, rank: int = 24, dropout: float = 0.15):
        super().__init__()
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModel

        base = AutoModel.from_pretrained(encoder_folder(), attn_implementation="sdpa")
        base.pooler = None
        layers = list(range(FROZEN, base.config.num_hidden_layers))
        config = LoraConfig(
            r=rank, lora_alpha=2 * rank, lora_dropout=0.05, target_modules=LINEAR, layers_to_transform=layers
        )
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing")  # peft asks, transformers warns
            self.encoder = get_peft_model(base, config)
        self.upos = nn.Embedding(len(UPOS), 24)
        self.deprel = nn.Embedding(len(DEPRELS), 32)
        self.ner = nn.Embedding(len(NER), 16)
        self.up = nn.Embedding(len(DEPRELS), 16)
        width = 2 * 384 + 24 + 32 + 16 + 16
        self.drop = nn.Dropout(dropout)
        self.near = nn.ModuleList(nn.Linear(width, 96) for _ in range(3))
        self.nothing = nn.Parameter(torch.zeros(3, 96))
        self.judge = nn.Sequential(
            nn.Linear(width + 3 * 96, 192), nn.GELU(), nn.Dropout(dropout), nn.Linear(192, len(ACTS))
        )
        size = 96
        self.of_cue = nn.Linear(width, size * 2)
        self.of_word = nn.Linear(width, size * 2)
        self.path = nn.Embedding(PATHS, size)
        self.distance = nn.Embedding(DISTANCES, size)
        self.gap = nn.Embedding(7, size)
        self.argument = nn.Sequential(nn.GELU(), nn.Dropout(dropout), nn.Linear(size * 2, len(ROLES)))
        self.bilinear = nn.Parameter(torch.zeros(len(ROLES), size))
        self.category = nn.Sequential(
            nn.Linear(2 * width, 128), nn.GELU(), nn.Dropout(dropout), nn.Linear(128, len(CATEGORIES))
        )
        for table in (self.path, self.distance, self.gap):
            nn.init.normal_(table.weight, std=0.1)
        nn.init.constant_(self.argument[-1].bias, -4.0)
        self.size = size

    def _layers(self, hidden, mask, layers):
        allowed = (1.0 - mask[:, None, None, :].to(hidden.dtype)) * torch.finfo(hidden.dtype).min
        for layer in layers:
            hidden = layer(hidden, attention_mask=allowed)
        return hidden

    def lower(self, ids, mask):
        """Output (batch, pieces, 384) of the frozen lower half of the encoder."""
        bert = self.encoder.base_model.model
        with torch.no_grad():
            return self._layers(bert.embeddings(ids), mask, bert.encoder.layer[:FROZEN])

    def words(self, lower, mask, starts, features):
        """Word vectors (batch, words, width) from the lower half, first pieces of words, and parse features."""
        upper = self._layers(lower, mask, self.encoder.base_model.model.encoder.layer[FROZEN:])
        both = torch.cat([upper, lower], -1)
        at = both.gather(1, starts[..., None].expand(-1, -1, both.shape[-1]))
        parse = torch.cat(
            [
                self.upos(features[..., 0]),
                self.deprel(features[..., 1]),
                self.ner(features[..., 2]),
                self.up(features[..., 3]),
            ],
            -1,
        )
        return self.drop(torch.cat([at, parse], -1))

    def cue(self, words, pointers):
        """Act logits (batch, words, acts); ``pointers`` (batch, words, 3) into the window, -1 for none."""
        parts = [words]
        for k, project in enumerate(self.near):
            at = pointers[..., k].clamp(min=0)
            there = project(words).gather(1, at[..., None].expand(-1, -1, 96))
            parts.append(torch.where((pointers[..., k] >= 0)[..., None], there, self.nothing[k]))
        return self.judge(torch.cat(parts, -1))

    def arguments(self, cue, words, relation):
        """Logits (cues, words, roles) from (cues, width), (cues, words, width) and ``relate``'s (cues, words, 3)."""
        c, w = self.of_cue(cue)[:, None], self.of_word(words)
        place = self.path(relation[..., 0]) + self.distance(relation[..., 1]) + self.gap(relation[..., 2])
        joint = torch.cat(
            [c[..., : self.size] + w[..., : self.size] + place, c[..., : self.size] * w[..., : self.size]], -1
        )
        product = c[..., self.size :] * w[..., self.size :]
        return self.argument(joint) + product @ self.bilinear.T

    def about(self, cue, words, inside):
        """Category logits from the cue's vector and the mean of its allegation's words (``inside``: 0/1)."""
        total = inside.sum(-1, keepdim=True).clamp(min=1)
        mean = (words * inside[..., None]).sum(-2) / total
        return self.category(torch.cat([cue, mean], -1))


def batch(items: list[tuple[Article, Window]], tokenizer) -> tuple[torch.Tensor, ...]:
    """Tensors (ids, mask, starts, features, pointers) for some windows."""
    rows = []
    for article, window in items:
        ids, starts = [tokenizer.cls_token_id], []
        for w in window.words:
            starts.append(len(ids))
            ids += article.pieces[w]
        pointers = article.pointers[window.words] - window.words[0]
        pointers[(pointers < 0) | (pointers >= len(window.words))] = -1
        rows.append(([*ids, tokenizer.sep_token_id], starts, article.features[window.words], pointers))
    length, words = max(len(r[0]) for r in rows), max(len(r[1]) for r in rows)
    ids = torch.zeros(len(rows), length, dtype=torch.long)
    mask = torch.zeros_like(ids)
    starts = torch.zeros(len(rows), words, dtype=torch.long)
    features = torch.zeros(len(rows), words, 4, dtype=torch.long)
    pointers = torch.full((len(rows), words, 3), -1, dtype=torch.long)
    for k, (row, first, parse, near) in enumerate(rows):
        ids[k, : len(row)] = torch.tensor(row)
        mask[k, : len(row)] = 1
        starts[k, : len(first)] = torch.tensor(first)
        features[k, : len(first)] = torch.from_numpy(parse)
        pointers[k, : len(first)] = torch.from_numpy(near)
    return ids, mask, starts, features, pointers


def write(model: Reader, path: Path) -> None:
    """Write what was trained (adapters and heads) in half precision."""
    from safetensors.torch import save

    state = {
        n: v.half().contiguous() for n, v in model.state_dict().items() if "lora" in n or not n.startswith("encoder")
    }
    with files.replacing(path, "wb") as out:
        out.write(save(state))


def load(path: Path = WEIGHTS) -> tuple[Reader, object]:
    """The trained reader and its tokenizer. One thread, so that the same numbers come whatever the cores.

    Raises:
        UserError: the weights are missing, damaged or of another version.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file
    from transformers import AutoTokenizer

    quiet()
    torch.set_num_threads(1)
    model = Reader()
    try:
        state = {name: value.float() for name, value in load_file(path).items()}
        missing, unknown = model.load_state_dict(state, strict=False)
    except (OSError, SafetensorError, RuntimeError) as error:
        raise UserError(
            f"the coder's weights {path} can't be used ({error}): check them out again, or run 'chargesheet train'"
        ) from None
    if unknown or any(not name.startswith("encoder") for name in missing):
        raise UserError(
            f"the coder's weights {path} are of another version: check them out again, or run 'chargesheet train'"
        )
    model.eval()
    return model, AutoTokenizer.from_pretrained(encoder_folder())


@dataclass
class Cue:
    """What the reader says of one possible cue: scores of every word in its window as its arguments."""

    word: int
    words: list[int]
    roles: np.ndarray  # (len(words), len(ROLES)) logits
    vectors: torch.Tensor  # (len(words), width)
    at: int  # position of the cue in words


@dataclass
class Reading:
    """The reader's view of an article: ``acts`` (words, len(ACTS)) probabilities, and its possible cues by word."""

    article: Article
    acts: np.ndarray
    cues: dict[int, Cue]
    about: dict[int, np.ndarray] = field(default_factory=dict)  # in training: category chances of gold cues


def read(
    model: Reader, tokenizer, article: Article, floor: float = 0.05, also: frozenset[int] = frozenset()
) -> Reading:
    """Read an article; arguments are scored for words that are a cue with probability ``floor``, and for ``also``."""
    acts = np.zeros((len(article.tokens), len(ACTS)))
    acts[:, 0] = 1.0
    cues = {}
    with torch.inference_mode():
        for window in windows(article):
            ids, mask, starts, features, pointers = batch([(article, window)], tokenizer)
            vectors = model.words(model.lower(ids, mask), mask, starts, features)
            chances = model.cue(vectors, pointers).softmax(-1)[0].double().numpy()
            for at, (word, own) in enumerate(zip(window.words, window.own, strict=True)):
                if not own:
                    continue
                acts[word] = chances[at]
                if 1 - chances[at, 0] >= floor or word in also:
                    relation = torch.from_numpy(relate(article, word, window.words))[None]
                    roles = model.arguments(vectors[:, at], vectors, relation)[0].double().numpy()
                    cues[word] = Cue(word, window.words, roles, vectors[0], at)
    return Reading(article, acts, cues)


def categories(model: Reader, cue: Cue, allegation: set[int]) -> np.ndarray:
    """Probabilities of the categories for a cue and the words of its allegation."""
    inside = torch.tensor([[1.0 if w in allegation else 0.0 for w in cue.words]])
    with torch.inference_mode():
        return model.about(cue.vectors[None, cue.at], cue.vectors[None], inside).softmax(-1)[0].double().numpy()
