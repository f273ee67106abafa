"""tabulate: gather the coded articles of all shards into tables.

Reads the folders articles, annotations, records and mentions of data/processed, links actors
over all articles, finds equal claims, and writes the tables of ``schemas`` with a data dictionary.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from chargesheet import claims, files, linking, schemas
from chargesheet.errors import UserError

ROLES = ("sources", "via", "targets")
COUNTED = {"accuse": "accusations", "condemn": "condemnations", "deny": "denials"}
SEPARATOR = "; "


def join(values: Iterable[str]) -> str:
    """Values as one cell, each once, joined with "; " (which becomes ", " inside a value)."""
    return SEPARATOR.join(dict.fromkeys(value.replace(SEPARATOR, ", ") for value in values))


def sentence_spans(path: Path | str) -> Iterator[tuple[str, list[tuple[int, int]], int]]:
    """Read from CoNLL-U, per article: doc_id, (start, end) of each sentence, number of words.

    Words are tokens without punctuation. A scan of lines, ten times as fast as building trees.
    """
    doc_id, spans, words, sentence, inner = None, [], 0, [], 0
    with Path(path).open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("# newdoc id"):
                if doc_id is not None:
                    yield doc_id, spans, words
                doc_id, spans, words = line.split("=", 1)[1].strip(), [], 0
            elif line[0].isdigit():
                cells = line.rstrip("\n").split("\t")
                first, _, last = cells[0].partition("-")
                if last:
                    inner = int(last)
                words += bool(last) or (cells[3] != "PUNCT" and int(first) > inner)
                misc = dict(pair.split("=", 1) for pair in cells[9].split("|") if "=" in pair)
                if "start_char" in misc:
                    sentence.append((int(misc["start_char"]), int(misc["end_char"])))
            elif not line.strip() and sentence:
                spans.append((min(a for a, _ in sentence), max(b for _, b in sentence)))
                sentence, inner = [], 0
    if sentence:
        spans.append((min(a for a, _ in sentence), max(b for _, b in sentence)))
    if doc_id is not None:
        yield doc_id, spans, words


def _number(record: dict) -> int:
    return int(record["id"].rsplit("#", 1)[1])


class Processed:
    """What the earlier steps left in a processed folder, of all shards, sorted."""

    def __init__(self, folder: Path | str):
        folder = Path(folder)
        shards = sorted(path.stem for path in (folder / "articles").glob("*.jsonl"))
        if not shards:
            raise UserError(f"{folder / 'articles'} holds no articles: run 'chargesheet ingest' first.")

        def gather(kind: str, ending: str = ".jsonl") -> list[dict]:
            rows = []
            for shard in shards:
                path = folder / kind / f"{shard}{ending}"
                if not path.exists():
                    raise UserError(f"{path} is missing: run the earlier steps for this shard first.")
                rows += files.read_jsonl(path)
            return rows

        self.articles = sorted(gather("articles"), key=lambda a: a["doc_id"])
        twice = [name for name, n in Counter(a["doc_id"] for a in self.articles).items() if n > 1]
        if twice:
            raise UserError(
                f"article '{min(twice)}' stands in two shards of {folder / 'articles'}: files of a run with another "
                f"number of shards are left there. Delete {folder} and run again."
            )
        known = {a["doc_id"] for a in self.articles}
        self.records = sorted(gather("records"), key=lambda r: (r["doc_id"], _number(r)))
        self.mentions = sorted(gather("mentions"), key=lambda m: (m["doc_id"], m["start"], m["end"]))
        for kind, rows in (("records", self.records), ("mentions", self.mentions)):
            if lost := {row["doc_id"] for row in rows} - known:
                raise UserError(
                    f"{folder / kind} has article '{min(lost)}', which {folder / 'articles'} lacks. "
                    f"Delete {folder} and run again."
                )
        self.failures = gather("annotations", ".failures.jsonl") + gather("records", ".failures.jsonl")
        rejects = folder / "rejects.jsonl"
        self.rejects = files.read_jsonl(rejects) if rejects.exists() else []
        self.sentences: dict[str, list[tuple[int, int]]] = {}
        self.words: dict[str, int] = {}
        for shard in shards:
            path = folder / "annotations" / f"{shard}.conllu"
            if not path.exists():
                raise UserError(f"{path} is missing: run the earlier steps for this shard first.")
            for doc_id, spans, words in sentence_spans(path):
                self.sentences[doc_id], self.words[doc_id] = spans, words


def keep_confident(records: list[dict], minimum: float) -> list[dict]:
    """Records with at least ``minimum`` confidence; a link to one left out is cut."""
    kept = [record for record in records if record["confidence"] >= minimum]
    ids = {record["id"] for record in kept}
    return [record if record["responds_to"] in ids else record | {"responds_to": None} for record in kept]


def settle(records: list[dict], mentions: list[dict]) -> tuple[list[dict], list[dict]]:
    """Records and mentions that fit: every source, via and target has a cluster among the mentions.

    The coder numbers clusters from 0 and gives -1 (or None) to a phrase that it can tie to no mention. Such a phrase
    becomes a mention of its own, phrases of one name in one article a cluster of their own. A mention without a
    cluster stands for nobody (a pronoun left open) and is left out.
    """
    mentions = [mention for mention in mentions if _is_cluster(mention["cluster"])]
    free: Counter[str] = Counter()
    for mention in mentions:
        free[mention["doc_id"]] = max(free[mention["doc_id"]], mention["cluster"] + 1)
    clusters: dict[tuple[str, str], int] = {}
    added: dict[tuple[str, int, int], dict] = {}
    settled = []
    for record in records:
        doc_id, roles = record["doc_id"], {}
        for role in ROLES:
            roles[role] = []
            for entry in record[role]:
                if not _is_cluster(entry["cluster"]):
                    key = doc_id, entry["name"]
                    if key not in clusters:
                        clusters[key] = free[doc_id]
                        free[doc_id] += 1
                    entry = entry | {"cluster": clusters[key]}
                    mention = {"doc_id": doc_id, "kind": "nominal", "type": "unspecified", "why": "named by a record"}
                    added[doc_id, entry["start"], entry["end"]] = mention | entry
                roles[role].append(entry)
        settled.append(record | roles)
    return settled, sorted([*mentions, *added.values()], key=_place)


def _is_cluster(cluster: int | None) -> bool:
    return cluster is not None and cluster >= 0


def _place(mention: dict) -> tuple:
    return mention["doc_id"], mention["start"], mention["end"], mention["cluster"]


def identify(records: list[dict], actor_of: dict[tuple[str, int], str], dates: dict[str, str]) -> list[dict]:
    """Records with actor_id in every source, via and target, and claim_id after id."""
    found = []
    for record in records:
        actors = {}
        for role in ROLES:
            actors[role] = []
            for entry in record[role]:
                actor = actor_of.get((record["doc_id"], entry["cluster"]))
                if actor is None:
                    raise UserError(
                        f"record '{record['id']}': '{entry['text']}' is not among the mentions of its article. "
                        "Run 'chargesheet code' again."
                    )
                actors[role].append(entry | {"actor_id": actor})
        found.append(record | actors)
    claim = claims.assign(found, dates)
    return [{"id": record["id"], "claim_id": claim[record["id"]]} | record for record in found]


def _ids(entries: list[dict]) -> list[str]:
    return list(dict.fromkeys(entry["actor_id"] for entry in entries))


def accusation_rows(
    records: list[dict], names: dict[str, str], articles: dict[str, dict], sentences: dict[str, list]
) -> list[dict]:
    """One row of table accusations per record."""
    rows = []
    for record in records:
        article = articles[record["doc_id"]]
        spans = sentences.get(record["doc_id"], [])
        if not record["sentence"] <= len(spans):
            raise UserError(
                f"record '{record['id']}' names sentence {record['sentence']}, but its article has {len(spans)}. "
                "Run 'chargesheet annotate' and 'chargesheet code' again."
            )
        first, last = spans[record["sentence"] - 1]
        allegation = record["allegation"] or {"start": None, "end": None, "text": ""}
        row = {
            key: record[key]
            for key in (
                "id",
                "claim_id",
                "doc_id",
                "act",
                "asserted",
                "quoted",
                "category",
                "sentence",
                "frame",
                "confidence",
            )
        }
        for column, role in (("source", "sources"), ("via", "via"), ("target", "targets")):
            ids = _ids(record[role])
            row |= {column: join(names[i] for i in ids), f"{column}_ids": join(ids)}
        row |= {
            "date": article["date"],
            "outlet": article["outlet"],
            "cue": record["cue"]["text"],
            "start": record["cue"]["start"],
            "end": record["cue"]["end"],
            "allegation": allegation["text"],
            "allegation_start": allegation["start"],
            "allegation_end": allegation["end"],
            "sentence_text": article["text"][first:last],
            "responds_to": record["responds_to"] or "",
        }
        rows.append(row)
    return rows


def response_rows(records: list[dict], names: dict[str, str], articles: dict[str, dict]) -> list[dict]:
    """One row of table responses per denial that answers a record."""
    by_id = {record["id"]: record for record in records}
    rows = []
    for denial in records:
        if denial["act"] != "deny" or not denial["responds_to"]:
            continue
        answered = by_id[denial["responds_to"]]
        distance = denial["sentence"] - answered["sentence"]
        rows.append(
            {
                "id": denial["id"],
                "responds_to": answered["id"],
                "doc_id": denial["doc_id"],
                "date": articles[denial["doc_id"]]["date"],
                "denier": join(names[i] for i in _ids(denial["sources"])),
                "denier_ids": join(_ids(denial["sources"])),
                "accuser": join(names[i] for i in _ids(answered["sources"])),
                "accuser_ids": join(_ids(answered["sources"])),
                "allegation": answered["allegation"]["text"] if answered["allegation"] else "",
                "denial": denial["allegation"]["text"] if denial["allegation"] else "",
                "same_sentence": distance == 0,
                "distance": distance,
            }
        )
    return rows


def pairs(record: dict, by_id: dict[str, dict]) -> list[tuple[str, str]]:
    """The (source, target) pairs of actor ids of a record, "" for an actor not named.

    A denial that names no accuser is directed at the sources of the record that it answers.
    """
    sources, targets = _ids(record["sources"]), _ids(record["targets"])
    if record["act"] == "deny" and not targets and record["responds_to"]:
        targets = _ids(by_id[record["responds_to"]]["sources"])
    return [(source, target) for source in sources or [""] for target in targets or [""]]


def dyad_rows(records: list[dict], names: dict[str, str], dates: dict[str, str]) -> list[dict]:
    """One row of table dyads per ordered pair of actors, most accusations and condemnations first."""
    by_id = {record["id"]: record for record in records}
    answered = {record["responds_to"] for record in records if record["act"] == "deny" and record["asserted"]}
    between: dict[tuple[str, str], list[dict]] = defaultdict(list)
    for record in records:
        if record["asserted"]:
            for pair in pairs(record, by_id):
                between[pair].append(record)
    rows = []
    for (source, target), found in between.items():
        if not source and not target:
            continue
        acts = Counter(record["act"] for record in found)
        charges = [record for record in found if record["act"] != "deny"]
        days = sorted(filter(None, (dates[record["doc_id"]] for record in found)))
        categories = Counter(record["category"] for record in charges)
        rows.append(
            {
                "source_id": source,
                "source": names.get(source, ""),
                "target_id": target,
                "target": names.get(target, ""),
                **{column: acts[act] for act, column in COUNTED.items()},
                "answered": sum(record["id"] in answered for record in charges),
                "claims": len({record["claim_id"] for record in charges}),
                "articles": len({record["doc_id"] for record in found}),
                "first": days[0] if days else "",
                "last": days[-1] if days else "",
                "categories": join(
                    f"{name}:{n}" for name, n in sorted(categories.items(), key=lambda item: (-item[1], item[0]))
                ),
                "example_id": min(charges or found, key=lambda r: (-r["confidence"], r["doc_id"], _number(r)))["id"],
            }
        )
    return sorted(
        rows, key=lambda r: (-(r["accusations"] + r["condemnations"]), -r["denials"], r["source_id"], r["target_id"])
    )


def actor_rows(actors: list[dict], mentions: list[dict], records: list[dict]) -> list[dict]:
    """One row of table actors per actor with its counts, most accusing or accused first."""
    counts: dict[str, Counter] = defaultdict(Counter)
    articles: dict[str, set[str]] = defaultdict(set)
    for mention in mentions:
        counts[mention["actor_id"]]["mentions"] += 1
        articles[mention["actor_id"]].add(mention["doc_id"])
    for record in filter(lambda r: r["asserted"], records):
        kind = COUNTED[record["act"]]
        for actor in _ids(record["sources"]):
            counts[actor][kind if kind == "denials" else f"{kind}_made"] += 1
        if kind != "denials":
            for actor in _ids(record["targets"]):
                counts[actor][f"{kind}_received"] += 1
    columns = (
        "mentions",
        "accusations_made",
        "accusations_received",
        "condemnations_made",
        "condemnations_received",
        "denials",
    )
    rows = [
        actor
        | {"aliases": join(actor["aliases"]), "articles": len(articles[actor["actor_id"]])}
        | {column: counts[actor["actor_id"]][column] for column in columns}
        for actor in actors
    ]
    return sorted(rows, key=lambda r: (-sum(r[c] for c in columns[1:]), -r["mentions"], r["actor_id"]))


def tables(
    processed: Processed, mentions: list[dict], linked: linking.LinkedActors, records: list[dict]
) -> dict[str, pd.DataFrame]:
    """All tables as validated frames, by name. mentions: as ``settle`` returns them; records: as ``identify`` does."""
    articles = {article["doc_id"]: article for article in processed.articles}
    dates = {doc_id: article["date"] for doc_id, article in articles.items()}
    names = {actor["actor_id"]: actor["name"] for actor in linked.actors}
    mentions = [mention | {"actor_id": linked.actor_of[mention["doc_id"], mention["cluster"]]} for mention in mentions]
    acts = Counter((record["doc_id"], COUNTED[record["act"]]) for record in records if record["asserted"])
    article_rows = [
        article
        | {
            "characters": len(article["text"]),
            "words": processed.words.get(doc_id, 0),
            "sentences": len(processed.sentences.get(doc_id, [])),
        }
        | {column: acts[doc_id, column] for column in COUNTED.values()}
        for doc_id, article in articles.items()
    ]
    rejects = [{"step": "ingest"} | reject for reject in processed.rejects]
    rejects += [
        {"file": f["file"], "step": f["step"], "reason": "failed", "detail": f["detail"]} for f in processed.failures
    ]
    rows = {
        "articles": article_rows,
        "rejects": sorted(rejects, key=lambda r: (r["file"], r["step"], r["reason"], r["detail"])),
        "actors": actor_rows(linked.actors, mentions, records),
        "mentions": mentions,
        "accusations": accusation_rows(records, names, articles, processed.sentences),
        "responses": response_rows(records, names, articles),
        "dyads": dyad_rows(records, names, dates),
    }
    frames = {name: schemas.frame(name, rows[name]) for name in schemas.SCHEMAS}
    schemas.validate(frames, {doc_id: article["text"] for doc_id, article in articles.items()})
    return frames


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--processed", type=Path, default=Path("data/processed"), help="folder of the earlier steps' files"
    )
    parser.add_argument("--out", type=Path, default=Path("results/tables"), help="folder for the tables")
    parser.add_argument("--actors", type=Path, help="the study's own actors.csv: names to join or to keep apart")
    parser.add_argument("--minimum-confidence", type=float, default=0.0, help="leave out records below (0 to 1)")


def run(args: argparse.Namespace) -> None:
    if not 0 <= args.minimum_confidence <= 1:
        raise UserError(f"--minimum-confidence {args.minimum_confidence}: give a number from 0 to 1.")
    processed = Processed(args.processed)
    kept = keep_confident(processed.records, args.minimum_confidence)
    kept, mentions = settle(kept, processed.mentions)
    linked = linking.link(mentions, linking.read_overrides(args.actors) if args.actors else None)
    records = identify(kept, linked.actor_of, {article["doc_id"]: article["date"] for article in processed.articles})
    frames = tables(processed, mentions, linked, records)
    settings = {"minimum_confidence": args.minimum_confidence, "records_left_out": len(processed.records) - len(kept)}
    schemas.write(args.out, frames, settings)
    files.write_jsonl(args.out / "accusations.jsonl", records)
