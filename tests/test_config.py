"""The settings: defaults, mistakes explained, and files that are written from the models."""

import json
from difflib import unified_diff
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from chargesheet import config
from chargesheet.errors import UserError


def problems(text: str, folder: Path) -> list[str]:
    """What a config.yaml with this text is told, line by line."""
    (folder / "config").mkdir(exist_ok=True)
    path = folder / config.FILE
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as error:
        config.load(config.read(path), folder)
    return str(error.value).splitlines()


def same(name: str, now: str, wanted: str) -> None:
    diff = "\n".join(unified_diff(now.splitlines(), wanted.splitlines(), name, "from the models", lineterm=""))
    assert not diff, f"run python -m chargesheet.config\n{diff}"


# --- the generated files -------------------------------------------------------------------------


def test_schema_is_in_step_with_the_models(repository):
    same("schema.json", (repository / "config" / "schema.json").read_text(encoding="utf-8"), config.schema())


def test_config_yaml_is_in_step_with_the_models(repository):
    path = repository / config.FILE
    same("config.yaml", path.read_text(encoding="utf-8"), config.render(config.load(config.read(path), repository)))


def test_update_mends_both_files(tmp_path):
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "config.yaml").write_text("figures: {top: 7}\n", encoding="utf-8")
    config.update(folder)
    assert config.load(config.read(folder / "config.yaml")).figures.top == 7
    assert (folder / "schema.json").read_text(encoding="utf-8") == config.schema()


def test_the_schema_refuses_what_the_models_refuse(repository):
    schema = json.loads(config.schema())
    jsonschema.validate(yaml.safe_load((repository / config.FILE).read_text(encoding="utf-8")), schema)
    for wrong in ({"figurs": {}}, {"figures": {"topp": 3}}, {"figures": {"top": "x"}}, {"corpus": {"shards": 0}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


def test_every_key_is_documented_and_has_an_example_that_is_valid():
    for section, model in config.sections().items():
        assert model.__doc__
        for key, field in model.model_fields.items():
            assert field.description, f"{section}.{key}"
            assert config.Settings.model_validate({section: {key: field.examples[0]}})


_LEAF = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.lists(st.integers(), max_size=2)


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.text(max_size=8) | st.sampled_from(list(config.sections())), _LEAF, max_size=3))
def test_any_mapping_is_taken_or_explained(content):
    try:
        config.load(content)
    except UserError as error:
        assert "config.yaml" in str(error)


@settings(deadline=None, max_examples=40)
@given(title=st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=60), top=st.integers(2, 60))
def test_render_is_read_back_as_it_was(title, top):
    settings = config.Settings(study=config.Study(title=title), figures=config.Figures(top=top))
    assert config.load(yaml.safe_load(config.render(settings))) == settings


# --- what is taken -------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "# nothing\n", "study:\ncorpus:\n"])
def test_a_file_without_values_gives_the_defaults(tmp_path, text):
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    assert config.load(config.read(path), tmp_path) == config.Settings()


def test_no_file_gives_the_defaults(tmp_path):
    assert config.read(tmp_path / "config.yaml") == {}


def test_values_from_the_command_line_win_key_by_key():
    merged = config.merge(
        {"figures": {"top": 5}, "corpus": {"shards": 4, "language": "any"}}, {"corpus": {"shards": 2}}
    )
    assert merged == {"figures": {"top": 5}, "corpus": {"shards": 2, "language": "any"}}


def test_results_do_not_depend_on_shards_and_device():
    here = config.Settings(corpus=config.Corpus(shards=8), annotate=config.Annotate(device="cpu"))
    assert here.for_results() == config.Settings().for_results()
    assert config.Settings(figures=config.Figures(top=3)).for_results() != config.Settings().for_results()


# --- what is refused, and how that is said -------------------------------------------------------


def test_all_mistakes_are_told_at_once(tmp_path):
    lines = problems(
        "corpus:\n  languge: en\n  shards: 0\nfigures:\n  top: many\nannotate:\n  device: gpu\nfigure: 1\n", tmp_path
    )
    assert lines[0] == "config/config.yaml: 5 mistakes"
    assert sorted(lines[1:]) == sorted(
        [
            "  corpus.languge: unknown key; did you mean language?",
            "  corpus.shards: should be 'auto' or 1 or more, not 0; write for example shards: 16",
            "  figures.top: should be a whole number, not many; write for example top: 12",
            "  annotate.device: should be 'auto', 'cpu' or 'cuda', not gpu; write for example device: cpu",
            "  figure: unknown key; did you mean figures?",
        ]
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("language: any\n", "language: unknown key; did you mean corpus.language? Write language below corpus:"),
        ("zebra: 1\n", "zebra: unknown key; the keys here are study, corpus, annotate, code, actors, figures"),
        ("3: 1\n", "3: unknown key; the keys here are study, corpus, annotate, code, actors, figures"),
        ("figures: 12\n", "figures: should be a section; write its keys below it, indented, for example top: 12"),
        ("study:\n  title: 1984\n", 'study.title: should be a text, not 1984; put it in quotes: title: "1984"'),
        (
            "study:\n  title: 2024-03-26\n",
            'study.title: should be a text, not 2024-03-26; put it in quotes: title: "2024-03-26"',
        ),
        (
            "study:\n  share_articles: maybe\n",
            "study.share_articles: should be true or false, not maybe; write for example share_articles: false",
        ),
        (
            "code:\n  minimum_confidence: 7\n",
            "code.minimum_confidence: should be 1 or less, not 7; write for example minimum_confidence: 0.5",
        ),
        (
            "code:\n  cues: mine.yaml\n",
            "code.cues: there is no file 'mine.yaml' in the study's folder; write its path, or null",
        ),
        (
            "actors:\n  file: who.csv\n",
            "actors.file: there is no file 'who.csv' in the study's folder; write its path, or null",
        ),
        (
            "actors:\n  file: ''\n",
            "actors.file: should be a path, or null, not ''; write for example file: config/actors.csv",
        ),
    ],
)
def test_a_mistake_is_told_with_what_to_write_instead(tmp_path, text, said):
    assert problems(text, tmp_path)[1:] == [f"  {said}"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("figures:\n  top: 3\n  top: 4\n", "line 3: 'top' stands there twice (first in line 2); keep one"),
        ("study:\n\ttitle: x\n", "line 2: found character"),
        ("study:\n  title: a: b\n", "line 2: mapping values are not allowed here"),
        ("- study\n", "should hold sections"),
        ("study: &a\n  title: *b\n", "line 2: "),
        ("study: !!python/object:os.system {}\n", "line 1: could not determine a constructor"),
    ],
)
def test_broken_yaml_is_told_with_its_line(tmp_path, text, said):
    (message,) = problems(text, tmp_path)
    assert "config.yaml" in message
    assert said in message


def test_a_file_that_is_not_utf8_is_told(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_bytes("study:\n  title: Zürich\n".encode("latin-1"))
    with pytest.raises(UserError, match="not UTF-8"):
        config.read(path)
