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
from forensic_gui.report.rewording import LONGEST, REWORDABLE
from forensic_gui.report.template import load_template
from forensic_gui.report.words import Words, parse_words
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


def test_words_of_another_language_have_to_say_everything():
    with pytest.raises(ReportError, match=r"words\.fr\.toml: \d+ texts are missing, the first is «document.title»"):
        parse_words(b'[common]\nnone = "aucun"\n', path=Path("words.fr.toml"), language="fr", model=ENGLISH)


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
def test_a_mistake_in_a_file_of_words_is_named_with_file_and_key(text, sentence):
    with pytest.raises(ReportError, match=rf"words\.en\.toml.*{sentence}"):
        reworded(text)


def test_words_of_a_folder_stand_over_the_programs_own():
    words = reworded('[examiner]\ncustody = "Exhibits"\n')
    assert words("examiner.custody") == "Exhibits"
    assert words("examiner.request") == ENGLISH("examiner.request")


def test_a_copy_of_the_programs_own_file_changes_nothing():
    assert reworded((resource("report") / "words.en.toml").read_text(encoding="utf-8")).pieces == ENGLISH.pieces


def test_titles_headings_and_labels_can_be_replaced_and_they_are_no_sentences():
    assert set(ENGLISH.pieces) >= REWORDABLE
    assert len(REWORDABLE) > 60
    for words in (ENGLISH, GERMAN):
        assert not [key for key in REWORDABLE if words.raw(key).endswith((".", ":")) and len(words.raw(key)) > 4]
        assert not [key for key in REWORDABLE if len(words.raw(key)) > LONGEST]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(
    "table",
    [
        *("levels", "outcomes", "conclusions", "kinds", "confidences", "threshold_sources", "views", "conditions"),
        *("common", "about", "limits", "figures", "difference", "items", "trail", "repeat"),
    ],
)
def test_no_word_of_a_statement_can_be_replaced(language, table):
    base = TEMPLATE.words[language]
    keys = [key for key in ENGLISH.pieces if key.partition(".")[0] == table]
    assert keys
    for key in keys:
        text = f'[{table}]\n{key.partition(".")[2]} = "very strong support {base.raw(key)}"\n'
        with pytest.raises(ReportError, match=rf"words\.{language}\.toml: «{key}» says what the program alone says"):
            reworded(text, base=base)


@pytest.mark.parametrize(
    "key",
    [
        *("document.draft", "document.superseded", "document.own_words", "document.not_reviewed", "document.footer"),
        *("identity.head", "identity.record", "identity.revision_draft", "identity.issued", "chapters.opinion"),
        *("examiner.first_proposition", "examiner.second_proposition", "examiner.level", "examiner.conclusion"),
        *("examiner.opinion_note", "examiner.observations_note", "examiner.items_altered", "examiner.scale"),
        *("file.verified", "file.verified_yes", "file.verified_no", "weights.unvalidated"),
        *(
            "chapters.signoff",
            "signoff.signatures",
            "signoff.signature",
            "identity.template",
            "signoff.reviewer_signature",
            "signoff.not_reviewed",
            "model.share",
            "model.threshold",
        ),
        *("weights.rates_missed", "weights.rates_pixels", "metadata.note", "regions.heading", "decoding.warnings"),
    ],
)
def test_words_that_a_report_stands_on_are_protected(key):
    assert key in ENGLISH
    assert key not in REWORDABLE


@pytest.mark.parametrize("text", ["", "   ", "two\\nlines", "x" * 81])
def test_a_replaced_label_is_one_short_line(text):
    with pytest.raises(ReportError, match=r"«examiner\.request» is a heading or a label: one line of 1 to 80"):
        reworded(f'[examiner]\nrequest = "{text}"\n')


@pytest.mark.parametrize(
    ("written", "instead", "sentence"),
    [
        ('draft = "DRAFT"', f'draft = "{"x" * 41}"', "«document.draft» stands across every page"),
        ('case = "Case"', f'case = "{"x" * 201}"', "«identity.case» stands on the first page"),
    ],
)
def test_marks_and_the_first_page_of_another_language_are_short_enough_to_be_read(written, instead, sentence):
    text = (resource("report") / "words.en.toml").read_text(encoding="utf-8").replace(written, instead)
    with pytest.raises(ReportError, match=rf"words\.fr\.toml: {sentence}"):
        parse_words(text.encode(), path=Path("words.fr.toml"), language="fr", model=ENGLISH)


def test_every_key_that_the_sections_ask_for_is_there(checkout):
    source = "\n".join(
        path.read_text(encoding="utf-8") for path in (checkout / "forensic_gui" / "report").rglob("*.py")
    )
    tables = {key.partition(".")[0] for key in ENGLISH.pieces}
    asked = {key for key in re.findall(r'"([a-z_]+\.[a-z0-9_]+)"', source) if key.partition(".")[0] in tables}
    assert len(asked) > 100
    assert asked <= set(ENGLISH.pieces)


def reworded(text: str, *, base: Words = ENGLISH) -> Words:
    """Words of a folder over the program's own of the same language."""
    path = Path(f"words.{base.language}.toml")
    return parse_words(text.encode(), path=path, language=base.language, model=ENGLISH, base=base)
