"""A form says what belongs into each field, and comes back as it was filled in."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forensic_gui.domain.errors import RequestError
from forensic_gui.domain.reports.opinion import Level, Opinion
from forensic_gui.services.reporting.forms import NAMES, filled_in, form_text, write_form

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
AWKWARD = "\"it's\"\r\n\t\x7f\\ '''"


@example(texts=dict.fromkeys(NAMES, AWKWARD), level=Level.OPEN, name=f"{AWKWARD}\udcff")
@given(texts=st.fixed_dictionaries(dict.fromkeys(NAMES, TEXTS)), level=st.sampled_from(Level), name=TEXTS)
def test_whatever_a_draft_says_is_said_by_its_form(texts: dict[str, str], level: Level, name: str) -> None:
    opinion = Opinion(**{**texts, "level": level})
    read = tomllib.loads(form_text(opinion, name=name))
    assert list(read) == list(NAMES)
    for field, text in opinion.to_record().items():
        assert read[field].strip() == text.strip()


def test_fields_that_are_not_named_keep_what_they_say() -> None:
    before = Opinion(title="Quay", reasons="Because.", level=Level.NEITHER)
    assert filled_in(before, {}) == before
    after = filled_in(before, {"title": "", "level": " inconclusive "})
    assert (after.title, after.level, after.reasons) == ("", Level.INCONCLUSIVE, "Because.")
    assert filled_in(before, {"level": ""}).level is Level.OPEN


def test_a_level_far_from_any_other_is_told_all_of_them() -> None:
    with pytest.raises(RequestError, match=r"the levels are: open; .*; inconclusive\."):
        filled_in(Opinion(), {"level": "guilty"})


def test_a_form_that_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    place = tmp_path / "form.toml"
    place.write_text("mine")
    with pytest.raises(RequestError, match="there already"):
        write_form(Opinion(), place, name="Harbour", replaces=False)
    assert [path.name for path in tmp_path.iterdir()] == ["form.toml"]
    assert place.read_text() == "mine"


def test_the_guide_names_every_field_of_a_report(checkout: Path) -> None:
    guide = (checkout / "docs" / "user-guide.md").read_text(encoding="utf-8")
    section = guide.partition("## Writing, issuing and reviewing a report")[2].partition("\n## ")[0]
    assert not {each.name for each in fields(Opinion) if f"`{each.name}`" not in section}
