"""The narrative's sentences: what the tables say, in words.

Each attribute of :class:`Story` is one passage in Markdown, or one table. All numbers, names and quotations in
it come from the tables. A passage with nothing to say is empty. "Charges" are accusations and condemnations
together; negated and hypothetical records ("did not accuse") are not counted, as in the tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property

import pandas as pd

from chargesheet.english import capital, counted, day, listing, number, percent, period, the, times
from chargesheet.study import Figure, Study, Table, md, table

ROWS = 10  # of a table
FEW = 5  # names in a sentence
QUOTE = 360  # characters; a longer quotation is cut
NAME = 48  # characters; a longer name is cut in a table
ACTS = {"accuse": "accusation", "condemn": "condemnation", "deny": "denial"}
CHARGES = {"act": ["accuse", "condemn"]}
UNNAMED = "unspecified"
MATTERS = {
    "rights": "violations of rights",
    "breach": "breach of duty or agreement",
    "economic": "economic harm",
    "other": "other matters",
}
KINDS = {
    "person": "persons",
    "organisation": "organisations",
    "state": "states",
    "state body": "state bodies",
    "armed group": "armed groups",
    "media": "media",
    "group of people": "groups of people",
    "unspecified": "others",
}
CUT = r"\[…\]"


class Passage(str):
    """Markdown that a notebook shows as such; an empty one shows nothing."""

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if self:
            display({"text/markdown": str(self)}, raw=True)


def passage(method: Callable[[Story], Iterable[str]]) -> cached_property:
    """Make a passage of the sentences or blocks that a method yields: a block starts with a line break."""

    def build(self: Story) -> Passage:
        text = ""
        for part in filter(None, method(self)):
            text += ("" if part.startswith("\n") or not text else " ") + part
        return Passage(re.sub(r"\n{3,}", "\n\n", text).strip())

    build.__doc__ = method.__doc__
    return cached_property(build)


def block(text: str) -> str:
    """A paragraph, list or quotation of its own."""
    return f"\n\n{text}\n\n"


def ranked(values: pd.Series) -> pd.Series:
    """Count of each value, most first, equal ones by name."""
    return values.value_counts().sort_index().sort_values(ascending=False, kind="stable")


def short(name: str) -> str:
    """A name cut to what a table has room for."""
    return name if len(name) <= NAME else name[:NAME].rstrip(" ,;") + "…"


def exploded(cells: pd.Series) -> pd.Series:
    """Values of cells that join several with "; ", empty ones left out."""
    values = cells.str.split("; ").explode()
    return values[values.notna() & (values != "")]


class Story:
    """The passages of one study's narrative."""

    def __init__(self, ledger: Study):
        self.ledger = ledger
        records = ledger.accusations[ledger.accusations["asserted"]]
        self.records = records.set_index("id", drop=False).rename_axis(None)
        self.denials = self.records[self.records["act"] == "deny"]
        charges = self.records[self.records["act"] != "deny"]
        self.charges = charges.assign(answered=charges["id"].isin(set(self.denials["responds_to"])))
        actors = ledger.actors.set_index("actor_id")
        self.actors = actors.assign(
            made=actors["accusations_made"] + actors["condemnations_made"],
            received=actors["accusations_received"] + actors["condemnations_received"],
        )
        pairs = ledger.dyads.assign(charges=ledger.dyads["accusations"] + ledger.dyads["condemnations"])
        self.pairs = pairs[
            (pairs["charges"] > 0) & (pairs["source_id"] != "") & (pairs["target_id"] != "")
        ].sort_values(["charges", "articles", "source", "target"], ascending=[False, False, True, True])
        articles = ledger.articles.set_index("doc_id", drop=False)
        self.titles = articles["title"]
        self.dates = articles["date"].dropna()
        self.outlets = ranked(articles["outlet"][articles["outlet"] != ""])

    # ------------------------------------------------------------------ numbers
    @cached_property
    def numbers(self) -> dict[str, int | str]:
        """The numbers of the narrative by name, with the names and days that belong to them."""
        articles, records, charges = self.ledger.articles, self.records, self.charges
        acts = records["act"].value_counts()
        found: dict[str, int | str] = {
            "articles": len(articles),
            "articles_with_records": records["doc_id"].nunique(),
            "articles_without_date": int(articles["date"].isna().sum()),
            "articles_without_outlet": int((articles["outlet"] == "").sum()),
            "outlets": len(self.outlets),
            "words": int(articles["words"].sum()),
            "set_aside": len(self.ledger.rejects),
            "records": len(records),
            "not_asserted": len(self.ledger.accusations) - len(records),
            "accusations": int(acts.get("accuse", 0)),
            "condemnations": int(acts.get("condemn", 0)),
            "denials": int(acts.get("deny", 0)),
            "charges": len(charges),
            "claims": charges["claim_id"].nunique(),
            "charges_denied": int(charges["answered"].sum()),
            "denials_linked": int((self.denials["responds_to"] != "").sum()),
            "charges_without_source": int((charges["source_ids"] == "").sum()),
            "charges_without_target": int((charges["target_ids"] == "").sum()),
            "charges_relayed": int((charges["via_ids"] != "").sum()),
            "charges_quoted_wholly": int((charges["quoted"] == "direct").sum()),
            "charges_quoted_partly": int((charges["quoted"] == "mixed").sum()),
            "charges_undated": int(charges["date"].isna().sum()),
            "accusers": int((self.actors["made"] > 0).sum()),
            "accused": int((self.actors["received"] > 0).sum()),
            "pairs": len(self.pairs),
        }
        if len(self.dates):
            found |= {"first_day": f"{self.dates.min():%Y-%m-%d}", "last_day": f"{self.dates.max():%Y-%m-%d}"}
        for key, column in (("top_accuser", "made"), ("top_accused", "received")):
            if (rows := self._top(column)) is not None:
                found |= {key: rows["name"].iloc[0], f"{key}_charges": int(rows[column].iloc[0])}
        if len(self.pairs):
            top = self.pairs.iloc[0]
            found |= {"top_pair_source": top["source"], "top_pair_target": top["target"]}
            found |= {"top_pair_charges": int(top["charges"]), "top_pair_denied": int(top["answered"])}
        for category, count in ranked(charges["category"]).items():
            found[f"charges_{category}"] = int(count)
        return found

    def _top(self, column: str) -> pd.DataFrame | None:
        """Actors by a count, those with none left out."""
        rows = self.actors[self.actors[column] > 0].sort_values([column, "name"], ascending=[False, True])
        return rows if len(rows) else None

    # ------------------------------------------------------------------ words
    def _name(self, actor_id: str) -> str:
        row = self.actors.loc[actor_id]
        return md(the(row["name"], row["type"]))

    def _names(self, ids: str, unnamed: str) -> str:
        """Actors in a sentence, from a cell of joined ids."""
        return listing([self._name(actor) for actor in ids.split("; ")]) if ids else unnamed

    def _list(self, text: str, **filters: str | list[str]) -> str:
        """``text`` as a link to such records on the evidence page."""
        return f"[{text}]({self.ledger.evidence_list(**filters)})"

    def _where(self, record: pd.Series) -> str:
        """Title, outlet and day of a record's article."""
        parts = [f"*{md(self.titles[record['doc_id']])}*", md(record["outlet"])]
        return ", ".join(filter(None, [*parts, day(record["date"]) if pd.notna(record["date"]) else ""]))

    def _words(self, record: pd.Series) -> str:
        """A record's sentence in quotation marks, cut around its cue where it is long."""
        text = " ".join(record["sentence_text"].split())
        if len(text) <= QUOTE:
            return f"“{md(text)}”"
        cue = max(0, text.find(" ".join(record["cue"].split())))
        start = max(0, min(cue - QUOTE // 3, len(text) - QUOTE))
        start = text.find(" ", start, start + 40) + 1 if start else 0
        end = (
            len(text) if start + QUOTE >= len(text) else max(text.rfind(" ", start, start + QUOTE), start + QUOTE // 2)
        )
        before, after = f"{CUT} " if start else "", f" {CUT}" if end < len(text) else ""
        return f"“{before}{md(text[start:end])}{after}”"

    def _quotation(self, record_id: str) -> str:
        record = self.records.loc[record_id]
        link = f"[evidence]({self.ledger.evidence(record_id)})"
        return block(f"> {self._words(record)}\n>\n> {self._where(record)} · {link}")

    def _example(self, records: pd.DataFrame, used: Iterable[str] = ()) -> str:
        """Id of the record that quotes best: not quoted yet, neither short nor long, and the coder is sure of it."""
        seen = set(self.records.loc[list(used), "sentence_text"])
        fit = records.assign(
            fresh=~records["sentence_text"].isin(seen), short=records["sentence_text"].str.len().between(40, QUOTE)
        )
        order = fit.sort_values(["fresh", "short", "confidence", "id"], ascending=[False, False, False, True])
        return order["id"].iloc[0]

    def _between(self, source_id: str, target_id: str) -> pd.DataFrame:
        """Charges by one actor against another."""

        def has(column: str, actor: str) -> pd.Series:
            return self.charges[column].map(lambda ids: actor in ids.split("; "))

        return self.charges[has("source_ids", source_id) & has("target_ids", target_id)]

    @cached_property
    def _quoted(self) -> dict[str, str]:
        """Records to quote, by passage, none twice."""
        picks: dict[str, str] = {}
        if len(self.pairs):
            top = self.pairs.iloc[0]
            picks["pair"] = self._example(self._between(top["source_id"], top["target_id"]))
        for category in ranked(self.charges["category"]).index[:3]:
            some = self.charges[self.charges["category"] == category]
            named = some[(some["source_ids"] != "") & (some["target_ids"] != "")]
            if len(named):
                pairs = ranked(named["source_ids"] + "\n" + named["target_ids"])
                source_ids, target_ids = pairs.index[0].split("\n")
                some = named[(named["source_ids"] == source_ids) & (named["target_ids"] == target_ids)]
            picks[category] = self._example(some, picks.values())
        return picks

    # ------------------------------------------------------------------ opening
    def _read(self) -> str:
        """ "one article, published by X on 1 May 2024", "40 articles, published in three outlets between ..."."""
        n = self.numbers
        by = ""
        if len(self.outlets) > 1:
            by = f"in {number(len(self.outlets))} outlets"
        elif len(self.outlets) == 1 and not n["articles_without_outlet"]:
            by = f"by {md(self.outlets.index[0])}"
        when = period(self.dates.min(), self.dates.max()) if len(self.dates) else ""
        published = " ".join(filter(None, (by, when)))
        undated = (
            f" ({number(n['articles_without_date'])} of them without a date)" if n["articles_without_date"] else ""
        )
        return counted(n["articles"], "article") + (f", published {published}{undated}" if published else "")

    @passage
    def opening(self):
        """What was read and what was found."""
        n = self.numbers
        if not n["articles"]:
            yield "No article could be read, so there is nothing to tell."
            yield self.set_aside
            return
        if not n["records"]:
            them = "it" if n["articles"] == 1 else "them"
            yield f"This study read {self._read()}."
            yield f"As far as its method can see, nobody in {them} accuses, condemns or contradicts anybody."
            return
        kinds = [(n["accusations"], "accusation"), (n["condemnations"], "condemnation"), (n["denials"], "denial")]
        found = listing([counted(count, noun) for count, noun in kinds if count])
        holding = n["articles_with_records"]
        among = "all" if holding == n["articles"] else number(holding)
        where = f", in {among} of them" if n["articles"] > 1 else ""
        yield f"This study read {self._read()}, and found {found}{where}."
        if n["accusations"] and n["condemnations"]:
            yield "Accusations and condemnations together are called charges here."
        yield self._most("made", "accused or condemned others most often")
        yield self._most("received", "stood accused or condemned most often")
        yield self._denied()

    def _most(self, column: str, did: str) -> str:
        """Who did something most often, where there is somebody who did."""
        rows = self._top(column)
        if rows is None or len(rows) == 1 or (top := int(rows[column].iloc[0])) == 1:
            return ""
        first = rows[rows[column] == top]
        if len(first) > 3:
            return ""
        each = " each" if len(first) > 1 else ""
        return f"{capital(listing([self._name(actor) for actor in first.index]))} {did} ({times(top)}{each})."

    def _denied(self) -> str:
        """How many charges a denial answers."""
        whole, part = self.numbers["charges"], self.numbers["charges_denied"]
        if not whole:
            return ""
        if whole == 1:
            return "A denial answers it." if part else "No denial answers it."
        if not part:
            return "No charge is answered by a denial."
        verb = "is" if part == 1 else "are"
        return f"Of the {number(whole)} charges, {number(part)} ({percent(part, whole)}) {verb} answered by a denial."

    @passage
    def set_aside(self):
        """Files that were not read, and articles that failed."""
        rejects = self.ledger.rejects
        if rejects.empty:
            return
        link = f"[rejects.csv]({self.ledger.base}tables/rejects.csv)"
        if len(rejects) == 1:
            yield f"One file was set aside; {link} says why."
        else:
            why = listing([f"{md(reason)} {count:,}" for reason, count in ranked(rejects["reason"]).items()])
            yield f"{capital(counted(len(rejects), 'file'))} were set aside ({why}); {link} says which."

    @cached_property
    def key_numbers(self) -> Table | None:
        """The study in a row of numbers."""
        n = self.numbers
        if not n["records"]:
            return None
        columns = {
            "Articles": "articles",
            "Accusations": "accusations",
            "Condemnations": "condemnations",
            "Denials": "denials",
            "Charges denied": "charges_denied",
        }
        return table(pd.DataFrame([{heading: n[key] for heading, key in columns.items()}]))

    # ------------------------------------------------------------------ who
    @passage
    def voices(self):
        """Who accuses, and who stands accused."""
        n = self.numbers
        if not n["charges"]:
            return
        for column, role, start in (
            ("made", "source", "The charges come from"),
            ("received", "target", "They fall on"),
        ):
            rows = self._top(column)
            if rows is None:
                continue
            lead = start if len(rows) <= FEW else f"{start} {counted(len(rows), 'actor')}, most often"
            named = [
                self._list(self._name(actor), **{role: row["name"]}, **CHARGES) + f" ({row[column]:,})"
                for actor, row in rows.head(FEW).iterrows()
            ]
            yield f"{lead} {listing(named)}."
        if count := n["charges_without_source"]:
            link = self._list(counted(count, "charge"), source=UNNAMED, **CHARGES)
            yield f"For {link} the article does not say who makes {'it' if count == 1 else 'them'}."
        if count := n["charges_without_target"]:
            link = self._list(counted(count, "charge"), target=UNNAMED, **CHARGES)
            yield f"In {link} nobody is named as the one to blame."

    @passage
    def kinds(self):
        """What kind of actors accuse."""
        kinds = exploded(self.charges["source_ids"]).map(self.actors["type"])
        if kinds.nunique() < 2 or len(kinds) < 10:
            return
        shares = [f"{KINDS[kind]} {percent(count, len(kinds))}" for kind, count in ranked(kinds).head(FEW).items()]
        yield f"By kind of actor, the named accusers are {listing(shares)}."

    @cached_property
    def actors_table(self) -> Table | None:
        """The actors that occur most often in charges."""
        rows = self.actors.assign(all=self.actors["made"] + self.actors["received"]).query("all > 0")
        rows = rows.sort_values(["all", "made", "name"], ascending=[False, False, True]).head(ROWS)
        if rows.empty:
            return None
        shown = rows[["name", "type", "made", "received", "denials", "articles"]].assign(name=rows["name"].map(short))
        shown.columns = ["Actor", "Kind", "Charges made", "Charges received", "Denials", "Articles"]
        return table(shown, {"Actor": [self.ledger.evidence_list(actor=name) for name in rows["name"]]})

    # ------------------------------------------------------------------ whom
    @passage
    def pair(self):
        """The most frequent pair of accuser and accused."""
        if self.pairs.empty:
            return
        top = self.pairs.iloc[0]
        accused = "accused" if top["accusations"] else ""
        did = " or ".join(filter(None, (accused, "condemned" if top["condemnations"] else "")))
        who = f"{self._name(top['source_id'])} {did} {self._name(top['target_id'])}"
        if top["charges"] == 1:
            if len(self.pairs) == 1:
                yield f"{capital(who)}:"
            else:
                yield f"No actor accuses another more than once: {number(len(self.pairs))} pairs occur once each."
                yield f"In one of them {who}:"
        else:
            link = self._list(times(top["charges"]), source=top["source"], target=top["target"], **CHARGES)
            articles = f" in {counted(top['articles'], 'article')}" if len(self.ledger.articles) > 1 else ""
            dates = f", {period(top['first'], top['last'])}" if articles and pd.notna(top["first"]) else ""
            tied = int((self.pairs["charges"] == top["charges"]).sum())
            lead = "Most often," if tied == 1 else f"{capital(number(tied))} pairs occur equally often. In one of them"
            yield f"{lead} {who} ({link}{articles}{dates})."
            if top["answered"]:
                verb = "was" if top["answered"] == 1 else "were"
                yield f"In the same article, {number(top['answered'])} of these charges {verb} denied. For example:"
            else:
                yield "None of these charges was denied in the same article. For example:"
        yield self._quotation(self._quoted["pair"])

    @cached_property
    def pairs_table(self) -> Table | None:
        """The most frequent pairs: how often, denied how often, since when, over what."""
        rows = self.pairs.head(ROWS)
        if rows.empty:
            return None
        shown = pd.DataFrame(
            {
                "Accuser": rows["source"].map(short),
                "Accused": rows["target"].map(short),
                "Charges": rows["charges"],
                "Denied": rows["answered"],
                "Articles": rows["articles"],
                "First": rows["first"],
                "Last": rows["last"],
                "Most about": [cell.split(":")[0] for cell in rows["categories"]],
            }
        )
        if len(self.ledger.articles) == 1:
            shown = shown.drop(columns=["Articles", "First", "Last"])
        elif rows["first"].isna().all():
            shown = shown.drop(columns=["First", "Last"])
        links = [
            self.ledger.evidence_list(source=source, target=target, **CHARGES)
            for source, target in zip(rows["source"], rows["target"], strict=True)
        ]
        return table(shown, {"Charges": links})

    @passage
    def exchanges(self):
        """Pairs in which the charges go both ways."""
        counts = {(row.source_id, row.target_id): row.charges for row in self.pairs.itertuples()}
        both = [(a, b) for a, b in counts if (b, a) in counts and a != b and (counts[a, b], b) > (counts[b, a], a)]
        if not both:
            return
        named = [f"{self._name(a)} and {self._name(b)} ({counts[a, b]:,} to {counts[b, a]:,})" for a, b in both[:FEW]]
        if len(both) == 1:
            yield f"In one pair the charges go both ways: {named[0]}."
        else:
            among = ", among them" if len(both) > FEW else ":"
            yield f"In {number(len(both))} pairs the charges go both ways{among} {'; '.join(named)}."

    # ------------------------------------------------------------------ of what
    def _matter(self, category: str) -> str:
        return MATTERS.get(category, category)

    @passage
    def matters(self):
        """What the charges are about."""
        counts = ranked(self.charges["category"])
        if counts.empty:
            return
        whole = self.numbers["charges"]
        if whole == 1:
            yield f"The charge is one of {self._matter(counts.index[0])}."
        elif len(counts) == 1:
            yield f"All charges are of {self._matter(counts.index[0])}."
        else:
            named = [
                self._list(self._matter(category), category=category, **CHARGES)
                + f" ({count:,}, {percent(count, whole)})"
                for category, count in counts.head(FEW).items()
            ]
            yield f"The charges are {'' if len(counts) <= FEW else 'above all '}of {listing(named)}."

    @passage
    def matter_examples(self):
        """A charge of each of the most frequent categories, by those who make it most often."""
        quoted = {key: record for key, record in self._quoted.items() if key != "pair"}
        if self.numbers["charges"] <= len(quoted):
            return
        for category, record_id in quoted.items():
            record = self.records.loc[record_id]
            if record_id == self._quoted.get("pair"):
                continue
            text = f"**{capital(self._matter(category))}**"
            if record["source_ids"] and record["target_ids"]:
                alike = (
                    self.charges[["category", "source_ids", "target_ids"]]
                    == record[["category", "source_ids", "target_ids"]]
                )
                most = "most often" if (count := int(alike.all(axis=1).sum())) > 1 else "for example"
                whom = f"{self._names(record['source_ids'], '')} against {self._names(record['target_ids'], '')}"
                text += f", {most} by {whom}" + (f" ({count:,})" if count > 1 else "")
            yield block(text + ":")
            yield self._quotation(record_id)

    # ------------------------------------------------------------------ when
    @passage
    def course(self):
        """When the charges were made."""
        dated = self.charges[self.charges["date"].notna()]
        undated = self.numbers["charges_undated"]
        if self.records.empty:
            return
        if len(self.ledger.articles) == 1:
            when = f" of {day(self.dates.iloc[0])}" if len(self.dates) else ""
            if len(self.records) > 1 and self.ledger.caption("timeline"):
                yield f"All records stand in one article{when}; the figure shows where in its text."
            return
        if self.charges.empty:
            return
        if dated.empty:
            yield "None of the articles with charges has a date, so that nothing can be said about time."
            return
        first, last = dated["date"].min(), dated["date"].max()
        if first == last:
            yield f"All dated charges were reported on {day(first)}."
        else:
            yield f"The first dated charge was reported on {day(first)}, the last on {day(last)}."
            unit, form = self._unit(last - first)
            busy = ranked(dated["date"].dt.strftime(form))
            if len(busy) > 2 and busy.iloc[0] > busy.iloc[1]:
                spoken = pd.to_datetime(busy.index[0], format=form)
                name = day(spoken) if unit == "day" else f"{spoken:%B %Y}" if unit == "month" else f"{spoken:%Y}"
                articles = dated.loc[dated["date"].dt.strftime(form) == busy.index[0], "doc_id"].nunique()
                yield f"The busiest {unit} is {name}, with {counted(int(busy.iloc[0]), 'charge')} in"
                yield f"{counted(articles, 'article')}."
        if undated:
            yield f"Articles without a date hold another {'charge' if undated == 1 else counted(undated, 'charge')}."

    @staticmethod
    def _unit(span: pd.Timedelta) -> tuple[str, str]:
        """What to count by, for a stretch of time: days, months or years."""
        if span.days <= 62:
            return "day", "%Y-%m-%d"
        return ("month", "%Y-%m") if span.days <= 6 * 365 else ("year", "%Y")

    # ------------------------------------------------------------------ who denies
    @passage
    def denial(self):
        """Who denies, and how much of what is denied."""
        n = self.numbers
        if not n["records"]:
            return
        if not n["denials"]:
            yield "Nobody denies anything in these articles." if n["articles"] > 1 else "Nobody denies anything here."
            return
        rows = self._top("denials")
        are = "There is one denial" if n["denials"] == 1 else f"There are {counted(n['denials'], 'denial')}"
        if rows is None:
            yield f"{are}, and no article says by whom."
        else:
            named = [
                self._list(self._name(actor), source=row["name"], act="deny")
                + (f" ({row['denials']:,})" if n["denials"] > 1 else "")
                for actor, row in rows.head(FEW).iterrows()
            ]
            yield f"{are}, {'' if len(rows) <= FEW else 'most often '}by {listing(named)}."
        they = "It answers" if n["denials"] == 1 else "They answer"
        loose = n["denials"] - n["denials_linked"]
        if n["charges_denied"]:
            yield f"{they} {counted(n['charges_denied'], 'charge')} reported in the same article."
            if loose:
                verb = "rejects" if loose == 1 else "reject"
                yield f"Of the denials, {number(loose)} {verb} a charge that was not found in the same article."
        elif loose:
            verb = "rejects a charge" if loose == 1 else "reject charges"
            yield f"{'It' if loose == 1 else 'They'} {verb} not found in the same article."
        silent = self.pairs[(self.pairs["answered"] == 0) & (self.pairs["charges"] >= 3)]
        if n["charges_denied"] and len(silent):
            row = silent.iloc[0]
            link = self._list(
                f"{number(row['charges'])} charges", source=row["source"], target=row["target"], **CHARGES
            )
            yield f"The longest row without an answer is the {link} by {self._name(row['source_id'])} against"
            yield f"{self._name(row['target_id'])}."

    @passage
    def answers(self):
        """Charges and what was said against them, in their words."""
        responses = self.ledger.responses
        responses = responses[
            responses["id"].isin(self.denials["id"]) & responses["responds_to"].isin(self.charges["id"])
        ]
        if responses.empty:
            return
        sure = responses["id"].map(self.records["confidence"]) + responses["responds_to"].map(
            self.records["confidence"]
        )
        short = (
            responses[["id", "responds_to"]]
            .apply(lambda ids: ids.map(self.records["sentence_text"]).str.len())
            .max(axis=1)
        )
        fit = responses.assign(sure=sure, short=short <= QUOTE).sort_values(
            ["short", "sure", "id"], ascending=[False, False, True]
        )
        some = fit.drop_duplicates(["denier_ids", "accuser_ids"]).head(3)
        for row in some.itertuples():
            charge, denied = self.records.loc[row.responds_to], self.records.loc[row.id]
            denier = capital(self._names(row.denier_ids, "somebody not named"))
            yield block(f"**{denier} answered {self._names(row.accuser_ids, 'a charge whose source is not named')}.**")
            links = f"[charge]({self.ledger.evidence(row.responds_to)}), [denial]({self.ledger.evidence(row.id)})"
            said = [self._words(charge)] if row.same_sentence else [self._words(charge), self._words(denied)]
            yield block("\n>\n".join(f"> {text}" for text in [*said, f"{self._where(charge)} · {links}"]))

    # ------------------------------------------------------------------ who carries it
    @passage
    def carriers(self):
        """Which outlets carry the charges."""
        n = self.numbers
        if not n["charges"] or len(self.ledger.articles) == 1:
            return
        if self.outlets.empty:
            yield "No outlet is given for any article."
            return
        if len(self.outlets) == 1:
            yield f"All articles {'with a named outlet ' if n['articles_without_outlet'] else ''}come from one outlet,"
            yield f"{md(self.outlets.index[0])}."
            return
        carried = ranked(self.charges["outlet"][self.charges["outlet"] != ""])
        if len(carried):
            named = [
                self._list(md(outlet), outlet=outlet, **CHARGES)
                + f" ({count:,} in {counted(self.outlets[outlet], 'article')})"
                for outlet, count in carried.head(FEW).items()
            ]
            most = "Charges are carried by" if len(carried) <= FEW else "Most charges are carried by"
            yield f"{most} {listing(named)}."
        if count := n["articles_without_outlet"]:
            yield f"For {counted(count, 'article')} no outlet is given."

    @property
    def outlets_figure(self) -> Figure | None:
        """Who carries whose accusations, where more than one outlet does."""
        return self.ledger.figure("outlets") if len(self.outlets) > 1 else None

    @cached_property
    def outlets_table(self) -> Table | None:
        """What each outlet carries, and whom it shows accused."""
        if len(self.outlets) < 2:
            return None
        rows = []
        for outlet, articles in self.outlets.head(ROWS).items():
            own = self.charges[self.charges["outlet"] == outlet]
            accused = ranked(exploded(own["target_ids"]))
            rows.append(
                {
                    "Outlet": outlet,
                    "Articles": articles,
                    "with charges": own["doc_id"].nunique(),
                    "Charges": len(own),
                    "Denied": int(own["answered"].sum()),
                    "Most often accused": self.actors["name"][accused.index[0]] if len(accused) else "",
                }
            )
        frame = pd.DataFrame(rows)
        return table(frame, {"Charges": [self.ledger.evidence_list(outlet=o, **CHARGES) for o in frame["Outlet"]]})

    @passage
    def echoes(self):
        """Claims that several articles carry."""
        charges = self.charges
        claims = charges.groupby("claim_id").agg(articles=("doc_id", "nunique"), outlets=("outlet", "nunique"))
        claims = (
            claims[claims["articles"] > 1].reset_index().sort_values(["articles", "claim_id"], ascending=[False, True])
        )
        if claims.empty:
            return
        several = int((claims["outlets"] > 1).sum())
        outlets = f", {number(several)} of them in more than one outlet" if several and len(self.outlets) > 1 else ""
        claim = "claim" if len(claims) == 1 else "claims"
        yield f"More than one article reports {number(len(claims))} {claim}{outlets}."
        yield "The most often repeated:" if len(claims) > 3 else ""
        items = []
        for row in claims.head(3).itertuples():
            own = charges[charges["claim_id"] == row.claim_id]
            record = own.iloc[0]
            said = f"“{md(record['allegation'])}”" if record["allegation"] else md(record["cue"])
            whom = f" against {self._names(record['target_ids'], '')}" if record["target_ids"] else ""
            who = capital(self._names(record["source_ids"], "somebody not named"))
            link = f"[{counted(row.articles, 'article')}]({self.ledger.evidence(record['id'])})"
            items.append(f"- {who}{whom}: {said} ({link})")
        yield block("\n".join(items))

    # ------------------------------------------------------------------ on whose word
    @passage
    def hearsay(self):
        """Relayed charges, and how much stands in quotation marks."""
        n = self.numbers
        whole = n["charges"]
        if not whole:
            return
        if count := n["charges_relayed"]:
            names = [self._name(actor) for actor in ranked(exploded(self.charges["via_ids"])).index[:3]]
            most = f", most often {listing(names)}" if len(names) == 3 else f": {listing(names)}"
            yield f"In {counted(count, 'charge')} somebody else stands between,"
            yield f"whom the source cites or who relays it{most}."
        quoted = [(n["charges_quoted_wholly"], "in full"), (n["charges_quoted_partly"], "in part")]
        ways = [(count, way) for count, way in quoted if count]
        rest = whole - sum(count for count, _ in ways)
        if not ways:
            yield "Every charge is the reporter's paraphrase; none is quoted." if whole > 1 else "It is paraphrased."
        elif whole == 1:
            yield f"It is quoted {ways[0][1]}."
        else:
            verb = "is" if ways[0][0] == 1 else "are"
            said = listing(
                [f"{number(count)} {'' if at else f'{verb} quoted '}{way}" for at, (count, way) in enumerate(ways)]
            )
            others = f"; the reporter paraphrases the other{'' if rest == 1 else f' {number(rest)}'}" if rest else ""
            yield f"Of the {number(whole)} charges, {said}{others}."
        if count := n["not_asserted"]:
            which = "record, which is" if count == 1 else "records, which are"
            yield f"Not counted {'is' if count == 1 else 'are'} {number(count)} further {which} negated or hypothetical"
            yield "(as in “did not accuse”)."

    # ------------------------------------------------------------------ limits
    @passage
    def limits(self):
        """What the numbers cannot say, as a list."""
        n = self.numbers
        if not n["articles"]:
            return
        items = ["An accusation is not a fact. What is counted here is who says what of whom, not who is right."]
        if n["charges"] > n["claims"]:
            items.append(
                f"Reports are counted, not events: the {number(n['charges'])} charges make "
                f"{counted(n['claims'], 'different claim')}."
            )
        else:
            items.append("Reports are counted, not events: a claim that is told twice counts twice.")
        if n["records"]:
            doubt = self.records["confidence"].median()
            link = self._list("sorted by doubt", sort="doubt")
            items.append(
                "The records were found by a program, which misses some and gets others wrong. It gives its confidence "
                f"in each; for half of them it is at most {100 * doubt:.0f}\N{NO-BREAK SPACE}%. The evidence page "
                f"shows them {link}."
            )
        else:
            items.append("The articles were read by a program, which may have missed what a person would see.")
        items.append(
            "It reads sentences. Irony, images, hints, and charges that only the whole of an article makes escape it, "
            "and so does what no article reports."
        )
        items.append(
            "A denial is linked only to a charge in the same article. A denial elsewhere, or later, leaves the charge "
            "counted as unanswered."
        )
        items.append(
            "Names are joined by rule. Who was taken for the same actor, and why, stands in "
            f"[actors.csv]({self.ledger.base}tables/actors.csv)."
        )
        gaps = [(n["articles_without_date"], "date"), (n["articles_without_outlet"], "outlet")]
        missing = listing([f"{number(count)} no {noun}" for count, noun in gaps if count])
        if missing:
            items.append(f"Of the {counted(n['articles'], 'article')}, {missing.replace('no ', 'have no ', 1)}.")
        if self.set_aside:
            items.append(self.set_aside)
        yield block("\n".join(f"- {item}" for item in items))
