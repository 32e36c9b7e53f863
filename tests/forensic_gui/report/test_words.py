"""Words of every language say the same things in the same places, and none says more than can be known."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from forensic_gui.domain.annotation import Conclusion, Confidence, Kind, MaskMaker
from forensic_gui.domain.errors import ReportError
from forensic_gui.domain.finding import ThresholdSource
from forensic_gui.domain.reports.opinion import Level, Opinion
from forensic_gui.domain.reports.plan import PictureKind
from forensic_gui.domain.reports.revision import Outcome
from forensic_gui.report.template import load_template
from forensic_gui.report.words import Words, read_words
from forensic_gui.resources import resource
from tests.forensic_gui.report.wording import FORBIDDEN

TEMPLATE = load_template()
ENGLISH, GERMAN = TEMPLATE.words["en"], TEMPLATE.words["de"]


def test_english_and_german_have_the_same_keys_and_places():
    assert TEMPLATE.languages == ("de", "en")
    assert set(GERMAN.pieces) == set(ENGLISH.pieces)
    assert {key: GERMAN.places(key) for key in GERMAN.pieces} == {key: ENGLISH.places(key) for key in ENGLISH.pieces}


def test_german_is_german_all_through():
    """Names and symbols are the same in both; a sentence that is was forgotten."""
    same = [key for key in ENGLISH.pieces if ENGLISH.raw(key) == GERMAN.raw(key) and len(ENGLISH.raw(key).split()) > 3]
    allowed = {"figures.pinned", "figures.pinned_plain", "regions.prompted", "model.tool_as", "metadata.thumbnail_as"}
    allowed |= {"identity.tool_version", "trail.created_by", "model.grid_as", "decoding.size", "weights.interval"}
    assert set(same) <= allowed


@pytest.mark.parametrize(
    ("table", "members"),
    [
        ("levels", Level),
        ("kinds", Kind),
        ("confidences", Confidence),
        ("conclusions", Conclusion),
        ("outcomes", Outcome),
        ("figures", PictureKind),
        ("threshold_sources", ThresholdSource),
    ],
)
def test_every_choice_has_words(table, members):
    assert not [member for member in members if f"{table}.{member.name.lower()}" not in ENGLISH]


def test_every_maker_of_a_region_and_every_missing_field_has_words():
    assert not [maker for maker in MaskMaker if f"regions.by_{maker.name.lower()}" not in ENGLISH]
    assert Opinion().missing
    assert not [name for name in Opinion().missing if f"examiner.{name}" not in ENGLISH]


@pytest.mark.parametrize("path", sorted(resource("report").iterdir()), ids=lambda path: path.name)
def test_no_file_of_the_template_says_more_than_can_be_known(path):
    assert not FORBIDDEN.findall(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "sentence",
    ["The image is a fake.", "This proves it.", "with a probability of 3 %", "Das Bild ist echt.", "eine Fälschung"],
)
def test_the_linter_finds_what_it_looks_for(sentence):
    assert FORBIDDEN.search(sentence)


def test_the_linter_leaves_law_and_right_alone():
    assert not FORBIDDEN.search("Rechtsgrundlage, rechts, gerecht, Beweismittel, approved, improve")


def test_values_are_never_read_as_places():
    words = Words("en", {"a.b": ("item ", "number", ": ", "name", "")})
    assert words("a.b", number="{name}", name="{number}{0}%s") == "item {name}: {number}{0}%s"


def test_words_of_another_language_have_to_say_everything(tmp_path):
    path = written(tmp_path / "words.fr.toml", '[common]\nnone = "aucun"\n')
    with pytest.raises(ReportError, match=r"words\.fr\.toml: \d+ texts are missing, the first is «document.title»"):
        read_words(path, language="fr", model=ENGLISH)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[common]\nnonne = "x"\n', "«common.nonne» is not one of the report's words"),
        ('[common]\nbytes = "bytes"\n', "«common.bytes» needs the places of the English text.*{count}"),
        ('[common]\nbytes = "{count} {more}"\n', "«common.bytes» needs the places.*{more}"),
        ('[common]\nbytes = "{count} { more"\n', "«common.bytes» has a brace that is no place"),
        ('[common]\nbytes = "{count.__class__}"\n', "«common.bytes» has a brace that is no place"),
        ("[common]\nnone = 3\n", "«common.none» is no text"),
        ("[common\n", "is no TOML"),
    ],
)
def test_a_mistake_in_a_file_of_words_is_named_with_file_and_key(tmp_path, text, sentence):
    path = written(tmp_path / "words.en.toml", text)
    with pytest.raises(ReportError, match=rf"words\.en\.toml.*{sentence}"):
        read_words(path, language="en", model=ENGLISH, base=ENGLISH)


def test_words_of_a_folder_stand_over_the_programs_own(tmp_path):
    path = written(tmp_path / "words.en.toml", '[common]\nnone = "nothing"\n')
    words = read_words(path, language="en", model=ENGLISH, base=ENGLISH)
    assert words("common.none") == "nothing"
    assert words("common.yes") == "yes"


def test_every_key_that_the_sections_ask_for_is_there(checkout):
    source = "\n".join(
        path.read_text(encoding="utf-8") for path in (checkout / "forensic_gui" / "report").rglob("*.py")
    )
    tables = {key.partition(".")[0] for key in ENGLISH.pieces}
    asked = {key for key in re.findall(r'"([a-z_]+\.[a-z0-9_]+)"', source) if key.partition(".")[0] in tables}
    assert len(asked) > 100
    assert asked <= set(ENGLISH.pieces)


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
