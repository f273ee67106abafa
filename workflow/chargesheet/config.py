"""A study's settings: the models below are the one source of the defaults, the checks and the documentation.

``config/config.yaml`` and ``config/schema.json`` of the repository are written from them by
``python -m chargesheet.config``.
"""

import difflib
import json
import textwrap
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from chargesheet import files
from chargesheet.errors import UserError

FILE = Path("config", "config.yaml")
ACTORS = "config/actors.csv"


def _filled(path: str) -> str:
    if not path.strip():
        raise ValueError("should be a path, or null")
    return path


PathText = Annotated[str, AfterValidator(_filled)]


class Section(BaseModel):
    """No unknown keys, no silent conversion ("12" is not a number)."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Study(Section):
    """What the study is."""

    title: str = Field("", description="Heading of the narrative and the report.", examples=["Who blames whom"])
    description: str = Field("", description="A sentence or two below the heading.", examples=["News of March 2024."])
    share_articles: bool = Field(
        True,
        description="May the articles' text be passed on with the results? If not, shared files leave it out.",
        examples=[False],
    )


class Corpus(Section):
    """How the files in data/raw are read."""

    language: Literal["en", "any"] = Field(
        "en",
        description="en: an article that is surely in another language is set aside with the reason; any: none is.",
        examples=["en"],
    )
    shards: Literal["auto"] | Annotated[int, Field(ge=1, le=4096)] = Field(
        "auto",
        description="Into how many parts the articles are cut, which run side by side and rerun one by one: a number, "
        "or auto for parts of about a hundred articles. No result depends on it.",
        examples=[16],
    )


class Annotate(Section):
    """Which Stanza models parse the articles."""

    package: str = Field(
        "bundled",
        min_length=1,
        description="bundled (comes with Chargesheet, needs no network), the name of one of Stanza's packages for "
        "English, such as default or default_accurate (Stanza downloads it once), or the path of a folder of Stanza "
        "models.",
        examples=["bundled"],
    )
    model_dir: PathText | None = Field(
        None,
        description="Where Stanza keeps the models that it downloads; null for its own folder.",
        examples=["stanza_resources"],
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        "auto", description="Where Stanza runs; auto takes a GPU where there is one.", examples=["cpu"]
    )


class Code(Section):
    """How accusations are found."""

    cues: PathText | None = Field(
        None, description="File of your own cues, added to those of the codebook.", examples=["config/cues.yaml"]
    )
    minimum_confidence: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None,
        description="Leave out records that are less sure than this, from 0 (keep all) to 1; null for the threshold "
        "that codes best.",
        examples=[0.5],
    )


class Actors(Section):
    """Who is who."""

    file: PathText | None = Field(
        ACTORS,
        description="Table of your own decisions about actors (name, canonical, type, country, note); used if it is "
        "there.",
        examples=[ACTORS],
    )


class Figures(Section):
    """How much figures and printed tables show."""

    top: int = Field(
        12,
        ge=2,
        le=60,
        description="How many actors a figure or a printed table names; the others are summed.",
        examples=[12],
    )


def _empty(value: Any) -> Any:
    """A section whose keys are all commented out is None in YAML."""
    return {} if value is None else value


class Settings(Section):
    """Settings of a study. All are optional; paths are relative to the study's folder."""

    study: Annotated[Study, BeforeValidator(_empty)] = Study()
    corpus: Annotated[Corpus, BeforeValidator(_empty)] = Corpus()
    annotate: Annotated[Annotate, BeforeValidator(_empty)] = Annotate()
    code: Annotated[Code, BeforeValidator(_empty)] = Code()
    actors: Annotated[Actors, BeforeValidator(_empty)] = Actors()
    figures: Annotated[Figures, BeforeValidator(_empty)] = Figures()

    def for_results(self) -> dict:
        """The settings that results depend on: how the work is split and where it runs is not among them."""
        return self.model_dump(exclude={"corpus": {"shards"}, "annotate": {"device"}})


# --- reading -------------------------------------------------------------------------------------


class _Loader(yaml.SafeLoader):
    """Safe YAML that refuses a key given twice (plain YAML keeps the last one without a word)."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict:
    seen: dict[Any, int] = {}
    for key, _ in node.value:
        if key.value in seen:
            line = key.start_mark.line + 1
            raise UserError(
                f"line {line}: {key.value!r} stands there twice (first in line {seen[key.value]}); keep one"
            )
        seen[key.value] = key.start_mark.line + 1
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read(path: Path) -> dict:
    """The content of a YAML file; {} where the file is missing or empty.

    Raises UserError, with the line, for a file that is not a YAML mapping.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    except UserError as error:
        raise UserError(f"{path}, {error}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        what = getattr(error, "problem", None) or "not YAML"
        raise UserError(f"{path}{where}: {what}; indent with spaces, put a text with a colon in quotes") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise UserError(f"{path}: should hold sections such as figures:, with keys such as top: 12 below them")
    return content


def merge(base: dict, over: dict) -> dict:
    """``base`` with the values of ``over``, section by section."""
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def from_command_line(values: dict) -> dict:
    """``snakemake --config 'figures={top: 5}'`` gives texts: those for keys that take no text, read as YAML."""
    read_ = {}
    for section, content in values.items():
        fields = sections()[section].model_fields if section in sections() and isinstance(content, dict) else {}
        read_[section] = content
        if fields:
            read_[section] = {
                key: yaml.safe_load(value)
                if isinstance(value, str) and key in fields and fields[key].annotation is not str
                else value
                for key, value in content.items()
            }
    return read_


def load(content: dict, study: Path = Path(), name: str = FILE.as_posix()) -> Settings:
    """Settings of the study in the folder ``study``.

    Raises UserError with all mistakes at once, each with its dotted path and what to write instead.
    """
    problems = []
    settings = None
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        problems = _explain(error)
    if settings:
        problems = _missing_files(settings, study)
    if problems:
        count = "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
        raise UserError("\n".join([f"{name}: {count}", *(f"  {problem}" for problem in problems)]))
    return settings


def _missing_files(settings: Settings, study: Path) -> list[str]:
    named = {"code.cues": settings.code.cues, "actors.file": settings.actors.file}
    if settings.actors.file == ACTORS:
        del named["actors.file"]
    return [
        f"{key}: there is no file {path!r} in the study's folder; write its path, or null"
        for key, path in named.items()
        if path is not None and not Path(study, path).is_file()
    ]


# --- explaining mistakes -------------------------------------------------------------------------


def sections() -> dict[str, type[Section]]:
    """The sections of the settings by name."""
    return {name: field.annotation for name, field in Settings.model_fields.items()}


def keys() -> list[str]:
    """All keys as dotted paths."""
    return [f"{section}.{key}" for section, model in sections().items() for key in model.model_fields]


def _explain(error: ValidationError) -> list[str]:
    """One line per mistaken key; a union's several complaints about one key are joined."""
    found: dict[tuple[str, ...], list[dict]] = {}
    for item in error.errors(include_url=False):
        found.setdefault(tuple(str(part) for part in item["loc"][:2]), []).append(item)
    return [f"{'.'.join(path)}: {_problem(*path, items=items)}" for path, items in found.items()]


_PLAIN = {
    "string_type": "a text",
    "string_too_short": "a text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "greater_than_equal": "{ge:g} or more",
    "less_than_equal": "{le:g} or less",
}


def _problem(section: str, key: str = "", *, items: list[dict]) -> str:
    """What is wrong with a section or a key, and what to write."""
    kind, value = items[0]["type"], items[0]["input"]
    if kind in ("extra_forbidden", "invalid_key"):
        return f"unknown key; {_did_you_mean(section, key)}"
    fields = sections()[section].model_fields
    if not key:
        key, field = next(iter(fields.items()))
        return f"should be a section; write its keys below it, indented, for example {key}: {_yaml(field.examples[0])}"
    wanted = dict.fromkeys(_wanted(item) for item in items)
    text = f"should be {' or '.join(wanted)}, not {_yaml(value)}"
    if kind == "string_type" and not isinstance(value, dict | list | bool | None):
        return f"{text}; put it in quotes: {key}: {json.dumps(_yaml(value), ensure_ascii=False)}"
    return f"{text}; write for example {key}: {_yaml(fields[key].examples[0])}"


def _wanted(item: dict) -> str:
    """What pydantic expected, in plain words."""
    plain = _PLAIN.get(item["type"], item["msg"]).format(**item.get("ctx", {}))
    return plain.removeprefix("Value error, ").removeprefix("Input ").removeprefix("should be ")


def _did_you_mean(section: str, key: str) -> str:
    here = list(sections()[section].model_fields if key else sections())
    unknown = key or section
    if close := difflib.get_close_matches(unknown, here, n=1):
        return f"did you mean {close[0]}?"
    # The right key in the wrong section.
    elsewhere = {dotted.rpartition(".")[2]: dotted for dotted in keys()}
    if close := difflib.get_close_matches(unknown, elsewhere, n=1):
        wanted = elsewhere[close[0]]
        return f"did you mean {wanted}? Write {close[0]} below {wanted.partition('.')[0]}:"
    return f"the keys here are {', '.join(here)}"


def _yaml(value: Any) -> str:
    """A value as it is written in YAML, on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**6)
    return text.removesuffix("\n").removesuffix("\n...").strip(" \n")


# --- writing -------------------------------------------------------------------------------------

SCHEMA_LINE = "# yaml-language-server: $schema=schema.json"


def render(settings: Settings) -> str:
    """``settings`` as the text of a config.yaml: every key, each with its description as a comment."""
    lines = [SCHEMA_LINE, *_comment(Settings.__doc__)]
    for section, model in sections().items():
        lines += ["", *_comment(model.__doc__), f"{section}:"]
        for key, field in model.model_fields.items():
            lines += _comment(field.description, "  ")
            lines.append(f"  {key}: {_yaml(getattr(getattr(settings, section), key))}")
    return "\n".join(lines) + "\n"


def _comment(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, 100, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ")


def schema() -> str:
    """The JSON Schema of the settings, for completion and checks in editors."""
    content = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Settings.model_json_schema()}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def update(folder: Path) -> None:
    """Rewrite ``schema.json`` and, with the values that it holds, ``config.yaml`` in ``folder``."""
    path = folder / FILE.name
    files.write_text(path, render(load(read(path), folder.parent)))
    files.write_text(folder / "schema.json", schema())


if __name__ == "__main__":
    update(Path(__file__).parents[2] / "config")
