"""The contracts of the tables: columns, types, meaning, constraints; reading and writing them.

The pandera schemas here are the one source: ``validate`` checks frames by them, ``data_package``
writes them down as a Table Schema (https://specs.frictionlessdata.io/table-schema/), and the
Parquet types follow from them. In a frame a missing string is "", a missing date NaT, a missing
number <NA>; lists are joined with "; ".
"""

import csv
import io
from pathlib import Path
from typing import IO

import pandas as pd
import pandera.pandas as pa
import pyarrow
import pyarrow.parquet

from chargesheet import files
from chargesheet.errors import UserError

ACTS = ("accuse", "condemn", "deny")
CATEGORIES = (
    "terrorism",
    "violence",
    "rights",
    "espionage",
    "interference",
    "crime",
    "deception",
    "breach",
    "economic",
    "other",
)
QUOTED = ("direct", "mixed", "indirect")
ACTOR_TYPES = (
    "person",
    "organisation",
    "state",
    "state body",
    "armed group",
    "media",
    "group of people",
    "unspecified",
)
MENTION_KINDS = ("name", "nominal", "pronoun")
STEPS = ("ingest", "annotate", "code")

_DATE = "datetime64[s]"
_ARROW = {
    "string": pyarrow.string(),
    "integer": pyarrow.int64(),
    "number": pyarrow.float64(),
    "boolean": pyarrow.bool_(),
    "date": pyarrow.date32(),
}


def _column(dtype, description: str, *checks: pa.Check, **options) -> pa.Column:
    return pa.Column(dtype, list(checks), nullable=dtype in (_DATE, "Int64"), description=description, **options)


def _text(description: str, *checks: pa.Check, **options) -> pa.Column:
    return _column(str, description, *checks, **options)


def _name(description: str) -> pa.Column:
    return _text(description, pa.Check.str_length(min_value=1))


def _one_of(values: tuple[str, ...], description: str) -> pa.Column:
    return _text(description, pa.Check.isin(values))


def _count(description: str) -> pa.Column:
    return _column("int64", description, pa.Check.ge(0))


def _id(description: str) -> pa.Column:
    return _text(description, pa.Check.str_length(min_value=1), unique=True)


def _date(description: str) -> pa.Column:
    return _column(_DATE, description)


def _refers(to: str, description: str, required: bool = True) -> pa.Column:
    """A foreign key to ``table.column``; "" where not required."""
    return _text(description, *([pa.Check.str_length(min_value=1)] if required else []), metadata={"foreign_key": to})


def _table(title: str, columns: dict[str, pa.Column], key: list[str] | None = None, checks=()) -> pa.DataFrameSchema:
    return pa.DataFrameSchema(
        columns, checks=list(checks), strict=True, ordered=True, title=title, metadata={"primary_key": key or []}
    )


_ORDERED = pa.Check(lambda df: df["start"] < df["end"], name="start < end", error="start < end")

SCHEMAS: dict[str, pa.DataFrameSchema] = {
    "articles": _table(
        "Articles that were read, one per row",
        {
            "doc_id": _id("Article: file name without its ending, made unique"),
            "title": _text("Title; from metadata, else the first line of the text"),
            "date": _date("Day of publication"),
            "outlet": _text("Who published it"),
            "url": _text("Where it was published"),
            "language": _text("ISO 639-1 code"),
            "file": _name("File below data/raw"),
            "sha256": _text("SHA-256 of the raw file", pa.Check.str_matches(r"^[0-9a-f]{64}$")),
            "characters": _count("Length of the text in Unicode characters"),
            "words": _count("Tokens without punctuation"),
            "sentences": _count("Sentences"),
            "accusations": _count("Accusations reported (act accuse, asserted)"),
            "condemnations": _count("Condemnations reported (act condemn, asserted)"),
            "denials": _count("Denials reported (act deny, asserted)"),
        },
        ["doc_id"],
    ),
    "rejects": _table(
        "Files that were not read, and articles that a step could not process",
        {
            "file": _name("File below data/raw"),
            "step": _one_of(STEPS, "Step that rejected it"),
            "reason": _name("Short reason"),
            "detail": _text("What was wrong, in a sentence"),
        },
    ),
    "actors": _table(
        "Actors over all articles, most often accusing or accused first",
        {
            "actor_id": _id("Actor: readable slug of its name, unique"),
            "name": _name("Canonical name"),
            "type": _one_of(ACTOR_TYPES, "Kind of actor"),
            "country": _text(
                "ISO 3166-1 alpha-3 code of the country it belongs to", pa.Check.str_matches(r"^([A-Z]{3})?$")
            ),
            "aliases": _text('Other names, joined with "; "'),
            "mentions": _count("Mentions"),
            "articles": _count("Articles that mention it"),
            "accusations_made": _count("Asserted accusations of which it is a source"),
            "accusations_received": _count("Asserted accusations of which it is a target"),
            "condemnations_made": _count("Asserted condemnations of which it is a source"),
            "condemnations_received": _count("Asserted condemnations of which it is a target"),
            "denials": _count("Asserted denials of which it is a source"),
            "why": _text("How its mentions were joined"),
        },
        ["actor_id"],
    ),
    "mentions": _table(
        "Mentions of actors in the articles",
        {
            "doc_id": _refers("articles.doc_id", "Article"),
            "start": _count("Offset of the first character in the article's text"),
            "end": _count("Offset after the last character"),
            "text": _name("The words: text[start:end] of the article"),
            "name": _name("Most complete name used in this article"),
            "kind": _one_of(MENTION_KINDS, "Name, nominal (the group) or pronoun"),
            "type": _one_of(ACTOR_TYPES, "Kind of actor, as read from this article"),
            "cluster": _name("Mentions of one actor in one article share it"),
            "actor_id": _refers("actors.actor_id", "Actor over all articles"),
            "why": _text("How the mention was resolved"),
        },
        checks=[_ORDERED],
    ),
    "accusations": _table(
        "Speech acts: accusations, condemnations and denials, one per row",
        {
            "id": _id("Record: article#number, in text order"),
            "claim_id": _refers(
                "accusations.id",
                "First record of the same claim (same act and actors, same or nearly the same allegation)",
            ),
            "doc_id": _refers("articles.doc_id", "Article that reports it"),
            "date": _date("Day of publication of the article"),
            "outlet": _text("Who published the article"),
            "act": _one_of(ACTS, "What the source does"),
            "asserted": _column(bool, "False where negated or hypothetical (did not accuse; if X accuses)"),
            "source": _text('Canonical names of who says it, joined with "; "; empty: not named'),
            "source_ids": _text('Their actor ids, joined with "; "'),
            "via": _text('Canonical names of whom the source cites or who relays it, joined with "; "'),
            "via_ids": _text('Their actor ids, joined with "; "'),
            "target": _text(
                'Canonical names of who is blamed (denial: whose charge is rejected), joined with "; ", or empty'
            ),
            "target_ids": _text('Their actor ids, joined with "; "'),
            "cue": _name("The word or phrase that expresses the act"),
            "allegation": _text("What is alleged, condemned or denied, in the article's words"),
            "quoted": _one_of(QUOTED, "Whether the allegation stands in quotation marks: wholly, partly, not"),
            "category": _one_of(CATEGORIES, "Kind of wrong alleged"),
            "sentence": _column("int64", "Number of the sentence in the article, from 1", pa.Check.ge(1)),
            "sentence_text": _text("The sentence"),
            "start": _count("Offset of the cue in the article's text"),
            "end": _count("Offset after the cue"),
            "allegation_start": _column("Int64", "Offset of the allegation", pa.Check.ge(0)),
            "allegation_end": _column("Int64", "Offset after the allegation", pa.Check.ge(0)),
            "responds_to": _refers("accusations.id", "For a denial: the record that it answers", required=False),
            "frame": _text("Cue frame that coded it"),
            "confidence": _column(float, "How sure the coder is", pa.Check.in_range(0, 1)),
        },
        ["id"],
        [_ORDERED],
    ),
    "responses": _table(
        "Denials that answer an accusation or condemnation of the same article",
        {
            "id": _refers("accusations.id", "The denial"),
            "responds_to": _refers("accusations.id", "The record that it answers"),
            "doc_id": _refers("articles.doc_id", "Article"),
            "date": _date("Day of publication of the article"),
            "denier": _text('Who denies: canonical names, joined with "; "'),
            "denier_ids": _text('Their actor ids, joined with "; "'),
            "accuser": _text('Who accused: canonical names, joined with "; "'),
            "accuser_ids": _text('Their actor ids, joined with "; "'),
            "allegation": _text("What was alleged, in the article's words"),
            "denial": _text("What is denied, in the article's words"),
            "same_sentence": _column(bool, "Whether one sentence reports both"),
            "distance": _column("int64", "Sentences from accusation to denial; negative: the denial stands first"),
        },
        ["id"],
    ),
    "dyads": _table(
        "Ordered pairs of actors: who accuses, condemns or contradicts whom (asserted records)",
        {
            "source_id": _refers("actors.actor_id", "Who says it; empty: not named", required=False),
            "source": _text("Its name"),
            "target_id": _refers(
                "actors.actor_id", "Who is blamed, or in a denial contradicted; empty: not named", required=False
            ),
            "target": _text("Its name"),
            "accusations": _count(
                "Accusations by the source of the target; a record with several sources or targets counts in each pair"
            ),
            "condemnations": _count("Condemnations by the source of the target"),
            "denials": _count(
                "Denials by the source of charges by the target (named in the denial, or source of what it answers)"
            ),
            "answered": _count("How many of these accusations and condemnations a denial in the same article answers"),
            "claims": _count("Different claims among these accusations and condemnations"),
            "articles": _count("Articles that report any of it"),
            "first": _date("Earliest day of publication"),
            "last": _date("Latest day of publication"),
            "categories": _text(
                'Categories of the accusations and condemnations with their number, "name:count", joined with "; "'
            ),
            "example_id": _refers("accusations.id", "The record of which the coder is surest"),
        },
        ["source_id", "target_id"],
    ),
}


def field_type(column: pa.Column) -> str:
    """The Table Schema type of a column."""
    name = str(column.dtype)
    if name.startswith("datetime"):
        return "date"
    return {"int64": "integer", "Int64": "integer", "float64": "number", "bool": "boolean"}.get(name, "string")


def validate(tables: dict[str, pd.DataFrame], texts: dict[str, str]) -> None:
    """Check all tables against their contracts, foreign keys and the articles' texts.

    texts: article text by doc_id. Raises UserError that names table, column and first bad values.
    """
    for name, schema in SCHEMAS.items():
        try:
            schema.validate(tables[name], lazy=True)
        except pa.errors.SchemaErrors as error:
            case = error.failure_cases.iloc[0]
            raise UserError(
                f"table '{name}' breaks its contract ({len(error.failure_cases)} times), "
                f"first in column '{case['column']}', row {case['index']}: "
                f"{case['check']} fails for {case['failure_case']!r}. "
                "The files in data/processed don't fit together: delete data/processed and run again."
            ) from None
        key = schema.metadata["primary_key"]
        if key and tables[name].duplicated(key).any():
            row = tables[name][tables[name].duplicated(key)].iloc[0]
            raise UserError(f"table '{name}': {', '.join(f'{k} {row[k]!r}' for k in key)} stands in two rows.")
        for column, definition in schema.columns.items():
            if target := (definition.metadata or {}).get("foreign_key"):
                table, other = target.split(".")
                lost = set(tables[name][column]) - set(tables[table][other]) - {""}
                if lost:
                    raise UserError(f"table '{name}': {column} {min(lost)!r} is not in table '{table}'.")
    spans = {
        "mentions": [("start", "end", "text")],
        "accusations": [("start", "end", "cue"), ("allegation_start", "allegation_end", "allegation")],
    }
    for name, columns in spans.items():
        for start, end, words in columns:
            rows = tables[name][tables[name][start].notna()]
            for doc_id, a, b, said in rows[["doc_id", start, end, words]].itertuples(index=False, name=None):
                if texts[doc_id][a:b] != said:
                    raise UserError(
                        f"table '{name}', article '{doc_id}': characters {a} to {b} are {texts[doc_id][a:b]!r}, "
                        f"not {said!r}. The article changed after it was coded: delete data/processed and run again."
                    )


def empty(name: str) -> pd.DataFrame:
    """The table ``name`` without rows, its columns typed."""
    return frame(name, [])


def frame(name: str, rows: list[dict]) -> pd.DataFrame:
    """Rows as a frame with the columns, order and types of table ``name`` (dates in rows: ISO or "")."""
    schema = SCHEMAS[name]
    df = pd.DataFrame(rows, columns=list(schema.columns))
    for column, definition in schema.columns.items():
        if field_type(definition) == "date":
            days = pd.to_datetime(df[column].replace("", None), format="%Y-%m-%d", errors="coerce").astype(_DATE)
            if (wrong := df[column][days.isna() & df[column].notna() & (df[column] != "")]).any():
                raise UserError(f"table '{name}', column '{column}': {wrong.iloc[0]!r} is not a day (YYYY-MM-DD).")
            df[column] = days
        else:
            df[column] = df[column].astype(str(definition.dtype) if definition.dtype else object)
    return df


def to_csv(df: pd.DataFrame) -> str:
    """CSV text: comma, "\\n", booleans as true and false, dates as ISO, missing as nothing."""
    df = df.copy()
    for column in df.select_dtypes("bool"):
        df[column] = df[column].map({True: "true", False: "false"})
    # csv quotes a line feed by itself, but not a lone carriage return, which readers take for a line's end
    returns = any(df[column].str.contains("\r", regex=False).any() for column in df.select_dtypes("str"))
    quoting = csv.QUOTE_NONNUMERIC if returns else csv.QUOTE_MINIMAL
    return df.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d", quoting=quoting)


def to_parquet(name: str, df: pd.DataFrame) -> bytes:
    """The same columns as Parquet: dates as date32, without pandas metadata."""
    fields = [(column, _ARROW[field_type(definition)]) for column, definition in SCHEMAS[name].columns.items()]
    arrays = []
    for column, kind in fields:
        values = df[column].dt.date if kind == _ARROW["date"] else df[column]
        arrays.append(
            pyarrow.array(
                values.tolist() if kind == _ARROW["date"] else values.astype(object).tolist(),
                type=kind,
                from_pandas=True,
            )
        )
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields)), out)
    return out.getvalue()


def _constraints(column: pa.Column) -> dict:
    constraints: dict = {} if column.nullable else {"required": True}
    if column.unique:
        constraints["unique"] = True
    for check in column.checks:
        statistics = check.statistics or {}
        if check.name == "isin":
            constraints["enum"] = list(statistics["allowed_values"])
        elif check.name == "greater_than_or_equal_to":
            constraints["minimum"] = statistics["min_value"]
        elif check.name == "in_range":
            constraints |= {"minimum": statistics["min_value"], "maximum": statistics["max_value"]}
        elif check.name == "str_matches":
            constraints["pattern"] = getattr(statistics["pattern"], "pattern", statistics["pattern"])
    # "" is how CSV writes a missing string, so that only strings of one character or more are required
    if (
        field_type(column) == "string"
        and not column.unique
        and not any(c.name in ("str_length", "isin") for c in column.checks)
    ):
        constraints.pop("required", None)
    return constraints


def data_package(tables: dict[str, pd.DataFrame], settings: dict) -> dict:
    """The data dictionary: a Data Package descriptor with a Table Schema per table.

    settings: what the tables were made with, stored under "chargesheet".
    """
    resources = []
    for name, schema in SCHEMAS.items():
        fields, foreign = [], []
        for column, definition in schema.columns.items():
            field = {"name": column, "type": field_type(definition), "description": definition.description}
            if constraints := _constraints(definition):
                field["constraints"] = constraints
            fields.append(field)
            if target := (definition.metadata or {}).get("foreign_key"):
                table, other = target.split(".")
                reference = {"resource": "" if table == name else table, "fields": other}
                foreign.append({"fields": column, "reference": reference})
        table_schema: dict = {"fields": fields, "missingValues": [""]}
        if key := schema.metadata["primary_key"]:
            table_schema["primaryKey"] = key
        if foreign:
            table_schema["foreignKeys"] = foreign
        resources.append(
            {
                "name": name,
                "path": f"{name}.csv",
                "title": schema.title,
                "profile": "tabular-data-resource",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "dialect": {
                    "delimiter": ",",
                    "quoteChar": '"',
                    "doubleQuote": True,
                    "lineTerminator": "\n",
                    "header": True,
                },
                "rows": len(tables[name]),
                "schema": table_schema,
            }
        )
    resources.append(
        {
            "name": "accusations-jsonl",
            "path": "accusations.jsonl",
            "title": "The records of table 'accusations' in the codebook's format, with every span",
            "profile": "data-resource",
            "type": "file",  # for frictionless 5, which would read it as a table
            "format": "jsonl",
            "mediatype": "application/jsonl",
            "encoding": "utf-8",
        }
    )
    return {
        "name": "chargesheet-tables",
        "title": "Ledger of accusations",
        "description": (
            "Each table is also there as Parquet with the same columns. Offsets count Unicode characters of the "
            "article's text. Cells are the articles' words as they are and may begin with = + - or @: import all "
            "columns as text when you open the CSV files in a spreadsheet."
        ),
        "profile": "data-package",
        "chargesheet": settings,
        "resources": resources,
    }


def write(folder: Path | str, tables: dict[str, pd.DataFrame], settings: dict) -> None:
    """Write all tables as CSV and Parquet, and datapackage.json."""
    folder = Path(folder)
    for name, df in tables.items():
        files.write_text(folder / f"{name}.csv", to_csv(df))
        with files.replacing(folder / f"{name}.parquet", "wb") as out:
            out.write(to_parquet(name, df))
    files.write_json(folder / "datapackage.json", data_package(tables, settings))


def from_parquet(name: str, source: Path | IO[bytes]) -> pd.DataFrame:
    """Table ``name`` from Parquet, typed as in ``SCHEMAS``."""
    df = pyarrow.parquet.read_table(source).to_pandas(date_as_object=False, integer_object_nulls=True)
    if list(df.columns) != list(SCHEMAS[name].columns):
        raise UserError(f"table '{name}' has other columns than this version writes: run 'chargesheet tabulate' again.")
    for column, definition in SCHEMAS[name].columns.items():
        df[column] = df[column].astype(_DATE if field_type(definition) == "date" else str(definition.dtype))
    return df


def read(folder: Path | str) -> dict[str, pd.DataFrame]:
    """Read all tables from their Parquet files, by name."""
    paths = {name: Path(folder) / f"{name}.parquet" for name in SCHEMAS}
    for path in paths.values():
        if not path.exists():
            raise UserError(f"{path} is missing: run 'chargesheet tabulate' first.")
    return {name: from_parquet(name, path) for name, path in paths.items()}
