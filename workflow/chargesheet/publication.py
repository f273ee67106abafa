"""Tables for a paper or a web page: top accusers, top accused, dyads, categories, denial rates.

Each is made once as a frame of printable cells and written as CSV, LaTeX (booktabs) and HTML. All
text is escaped for its format: names come from the articles. A CSV cell that a spreadsheet would
take for a formula (it begins with = + - @, a tab or a carriage return) gets an apostrophe in front,
since these files are opened by double click; the tables in results/tables are left as they are.
"""

import html
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from chargesheet.counting import NOT_NAMED, RESAMPLES, Ledger, plain

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
}
_STYLE = (
    "body{font:14px/1.45 system-ui,sans-serif;color:#222;margin:2rem auto;max-width:60rem;padding:0 1rem}"
    "table{border-collapse:collapse;border-top:1.5px solid;border-bottom:1.5px solid;width:100%}"
    "caption{text-align:left;padding:0 0 .6em}th{border-bottom:1px solid;text-align:left}"
    "td,th{padding:.25em .6em;vertical-align:top}.number{text-align:right;font-variant-numeric:tabular-nums}"
    "p{color:#555}"
)


def latex(text: str) -> str:
    """Text that LaTeX prints as it is."""
    return "".join(_LATEX.get(character, character) for character in plain(text))


def spreadsheet(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") else text


@dataclass(frozen=True)
class Published:
    """A table of printable cells: title, note, and which columns hold numbers."""

    title: str
    note: str
    frame: pd.DataFrame
    numbers: tuple[str, ...]

    def to_csv(self) -> str:
        """Comma, "\\n", one header line."""
        return self.frame.map(spreadsheet).to_csv(index=False, lineterminator="\n")

    def to_latex(self, name: str) -> str:
        """A table environment for booktabs, labelled ``tab:name``; needs \\usepackage{booktabs}."""
        form = "".join("r" if column in self.numbers else "l" for column in self.frame.columns)
        heads = ["{" + latex(column) + "}" for column in self.frame.columns]
        rows = [" & ".join(latex(cell) for cell in row) + r" \\" for row in self.frame.to_numpy()]
        lines = [
            "% needs \\usepackage{booktabs}, and textcomp or a Unicode engine for quotation marks",
            r"\begin{table}[htbp]",
            r"\centering",
            rf"\caption{{{latex(self.title)} {latex(self.note)}}}",
            rf"\label{{tab:{name}}}",
            rf"\begin{{tabular}}{{{form}}}",
            r"\toprule",
            " & ".join(heads) + r" \\",
            r"\midrule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
        ]
        return "\n".join(lines) + "\n"

    def to_html(self) -> str:
        """A page of its own: no script, nothing from elsewhere."""

        def cells(tag: str, values: list[str]) -> str:
            marks = (' class="number"' if column in self.numbers else "" for column in self.frame.columns)
            scope = ' scope="col"' if tag == "th" else ""
            pairs = zip(values, marks, strict=True)
            return (
                "<tr>" + "".join(f"<{tag}{scope}{mark}>{html.escape(plain(v))}</{tag}>" for v, mark in pairs) + "</tr>"
            )

        rows = "\n".join(cells("td", row) for row in self.frame.to_numpy().tolist())
        title, note = html.escape(self.title), html.escape(self.note)
        return (
            f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>'
            f"<style>{_STYLE}</style></head>\n<body>\n<table>\n<caption>{title}</caption>\n"
            f"<thead>{cells('th', list(self.frame.columns))}</thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n"
            f"<p>{note}</p>\n</body>\n</html>\n"
        )


def _between(low: float, high: float, form: str = "{:,.0f}") -> str:
    return "" if np.isnan(low) else f"{form.format(low)}–{form.format(high)}"


def _note(ledger: Ledger, *sentences: str) -> str:
    intervals = (
        f"95 %: bootstrap interval over the {len(ledger.articles):,} articles ({RESAMPLES:,} resamples)."
        if len(ledger.articles) > 1
        else "One article: no intervals."
    )
    return " ".join([*sentences, intervals])


def _actors(ledger: Ledger, side: str, top: int) -> Published:
    rows = ledger.charge_pairs.drop_duplicates(["id", side])
    rows = rows[rows[side] != ""]
    answered = set(ledger.charges.loc[ledger.charges["answered"], "id"])
    types = ledger.tables["actors"].set_index("actor_id")["type"]
    role = "Accuser" if side == "source_id" else "Accused"
    table = []
    for actor, n, low, high in ledger.count(rows, side).head(top).itertuples():
        mine = rows[rows[side] == actor]
        acts = mine["act"].value_counts()
        table.append(
            {
                role: ledger.name(actor),
                "Type": types[actor],
                "Accusations": f"{acts.get('accuse', 0):,}",
                "Condemnations": f"{acts.get('condemn', 0):,}",
                "Together": f"{n:,}",
                "95 %": _between(low, high),
                "Denied": f"{mine['id'].isin(answered).sum():,}",
                "Articles": f"{mine['doc_id'].nunique():,}",
            }
        )
    columns = [role, "Type", "Accusations", "Condemnations", "Together", "95 %", "Denied", "Articles"]
    title = "Who accuses most." if side == "source_id" else "Who is accused most."
    note = _note(ledger, "Denied: answered by a denial in the same article.")
    return Published(title, note, pd.DataFrame(table, columns=columns, dtype=str), tuple(columns[2:]))


def top_accusers(ledger: Ledger, top: int) -> Published:
    """The ``top`` actors with most accusations and condemnations made."""
    return _actors(ledger, "source_id", top)


def top_accused(ledger: Ledger, top: int) -> Published:
    """The ``top`` actors with most accusations and condemnations received."""
    return _actors(ledger, "target_id", top)


def dyads(ledger: Ledger, top: int) -> Published:
    """The ``top`` ordered pairs of actors with most accusations and condemnations; one side may not be named."""
    rows = ledger.charge_pairs
    facts = ledger.tables["dyads"].set_index(["source_id", "target_id"])
    named = rows[(rows["source_id"] != "") | (rows["target_id"] != "")]
    table = []
    for (source, target), n, low, high in ledger.count(named, ["source_id", "target_id"]).head(top).itertuples():
        fact = facts.loc[(source, target)]
        table.append(
            {
                "Accuser": ledger.name(source),
                "Accused": ledger.name(target),
                "Accusations": f"{fact['accusations']:,}",
                "Condemnations": f"{fact['condemnations']:,}",
                "Together": f"{n:,}",
                "95 %": _between(low, high),
                "Claims": f"{fact['claims']:,}",
                "Articles": f"{fact['articles']:,}",
                "Mostly": fact["categories"].split(":")[0],
            }
        )
    columns = ["Accuser", "Accused", "Accusations", "Condemnations", "Together", "95 %", "Claims", "Articles", "Mostly"]
    note = _note(ledger, f"“{NOT_NAMED}”: the article names nobody. Claims: different allegations.")
    return Published(
        "Who accuses whom most.", note, pd.DataFrame(table, columns=columns, dtype=str), tuple(columns[2:8])
    )


def categories(ledger: Ledger, top: int) -> Published:
    """All kinds of wrong that are alleged."""
    charges = ledger.charges
    table = []
    for category, n, low, high in ledger.count(charges, "category").itertuples():
        mine = charges[charges["category"] == category]
        acts = mine["act"].value_counts()
        table.append(
            {
                "Kind of wrong": category,
                "Accusations": f"{acts.get('accuse', 0):,}",
                "Condemnations": f"{acts.get('condemn', 0):,}",
                "Together": f"{n:,}",
                "95 %": _between(low, high),
                "Share": f"{n / len(charges):.0%}",
                "Denied": f"{mine['answered'].sum():,}",
            }
        )
    columns = ["Kind of wrong", "Accusations", "Condemnations", "Together", "95 %", "Share", "Denied"]
    note = _note(ledger, "Denied: answered by a denial in the same article.")
    return Published("What is alleged.", note, pd.DataFrame(table, columns=columns, dtype=str), tuple(columns[1:]))


def denial_rates(ledger: Ledger, top: int) -> Published:
    """Of the ``top`` pairs of named actors with most charges, the share that a denial answers, with its interval."""
    rows = ledger.charge_pairs.query("source_id != '' and target_id != ''")
    rows = rows.assign(answered=rows["id"].isin(set(ledger.charges.loc[ledger.charges["answered"], "id"])))
    table = []
    for source, target in ledger.count(rows, ["source_id", "target_id"]).head(top).index if len(rows) else []:
        mine = rows[(rows["source_id"] == source) & (rows["target_id"] == target)]
        numbers = mine.groupby("doc_id")["answered"].agg(["size", "sum"])
        table.append(
            {
                "Accuser": ledger.name(source),
                "Accused": ledger.name(target),
                "Charges": f"{len(mine):,}",
                "Denied": f"{mine['answered'].sum():,}",
                "Rate": f"{mine['answered'].mean():.0%}",
                "95 %": _between(*_ratio(ledger, numbers), "{:.0%}"),
            }
        )
    columns = ["Accuser", "Accused", "Charges", "Denied", "Rate", "95 %"]
    note = _note(ledger, "Charges: accusations and condemnations. Denied: answered by a denial in the same article.")
    return Published(
        "How often charges are denied.", note, pd.DataFrame(table, columns=columns, dtype=str), tuple(columns[2:])
    )


def _ratio(ledger: Ledger, numbers: pd.DataFrame) -> tuple[float, float]:
    """95 % interval of sum / size over the samples that hold any; NaN where one article holds all."""
    if len(numbers) < 2:
        return np.nan, np.nan
    size, part = ledger.samples(numbers[["size", "sum"]]).T
    return tuple(np.percentile(part[size > 0] / size[size > 0], [2.5, 97.5]))


TABLES = {
    "top-accusers": top_accusers,
    "top-accused": top_accused,
    "dyads": dyads,
    "categories": categories,
    "denial-rates": denial_rates,
}
_DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def macro_name(key: str) -> str:
    r"""The LaTeX macro for a number: "top_accuser" -> \csTopAccuser (letters only)."""
    words = re.findall(r"[A-Za-z]+|\d", key)
    return "\\cs" + "".join(_DIGITS[int(word)] if word.isdigit() else word[0].upper() + word[1:] for word in words)


def macros(numbers: dict[str, int | float | str]) -> str:
    """A LaTeX file that defines each number as a macro, with thousands separated."""
    lines = ["% The numbers of the narrative. In the text: \\csArticles{} articles."]
    for key, value in numbers.items():
        text = f"{value:,}" if isinstance(value, int) else str(value)
        lines.append(rf"\newcommand{{{macro_name(key)}}}{{{latex(text)}}}")
    return "\n".join(lines) + "\n"
