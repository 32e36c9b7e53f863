"""What a report prints of its record, in which chapter, and what it does not make up."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from forensic_gui.domain.errors import ReportError
from forensic_gui.domain.reports.opinion import Level
from forensic_gui.domain.reports.plan import Part, ReportPlan
from forensic_gui.report.document import (
    Fact,
    Heading,
    Table,
    Text,
    Tone,
)
from forensic_gui.report.sections.context import moment
from tests.forensic_gui.report.composed_documents import TEMPLATE, chapter, composed, facts_of, text_of, warnings_of
from tests.forensic_gui.report.made_records import (
    OPINION,
    empty_record,
    hostile_record,
    made_item,
    made_record,
    many_items_record,
    mixed_record,
)
from tests.forensic_gui.report.wording import FORBIDDEN, texts_of

EMPTY = "not supplied"


def test_observation_and_opinion_are_chapters_of_their_own():
    document = composed(made_record())
    report, opinion = chapter(document, "report"), chapter(document, "opinion")
    assert OPINION.observations in text_of(report)
    assert OPINION.reasons not in text_of(report)
    assert OPINION.reasons in text_of(opinion)
    assert OPINION.observations not in text_of(opinion)


def test_every_field_of_the_opinion_is_printed():
    shown = "\n".join(texts_of(composed(made_record())))
    said = [value for name, value in OPINION.to_record().items() if name != "level"]
    assert not [value for value in said if value not in shown]
    assert "moderate support for the first proposition" in shown


def test_what_is_empty_is_not_supplied_and_never_made_up():
    document = composed(empty_record())
    report = chapter(document, "report")
    headings = [block.text for block in report.blocks if isinstance(block, Heading)]
    empty = [block for block in report.blocks if isinstance(block, Text) and block.tone is Tone.EMPTY]
    assert headings == ["Request", "Authority", "Items and custody", "Examinations", "Observations"]
    assert [block.text for block in empty] == [EMPTY] * 5
    opinion = facts_of(chapter(document, "opinion"))
    assert [opinion[label].value for label in ("First proposition", "Second proposition", "Reasons")] == [EMPTY] * 3
    assert opinion["Conclusion"] == Fact("Conclusion", "not concluded", Tone.EMPTY)


def test_a_draft_says_what_is_missing_before_it_can_be_issued():
    warning = warnings_of(chapter(composed(empty_record()), "opinion"))
    assert warning == [
        "This is a draft. Before it can be issued the examiner has to state: First proposition, Second proposition, "
        "Conclusion, Reasons."
    ]


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_level_is_printed_in_every_language(level, language):
    record = made_record(opinion=replace(OPINION, level=level), plan=ReportPlan(language=language))
    expected = TEMPLATE.words[language](f"levels.{level.name.lower()}")
    assert expected in text_of(chapter(composed(record), "opinion"))


def test_the_first_page_names_case_revision_trail_and_record():
    identity = {fact.label: fact.value for fact in composed(made_record()).identity}
    assert identity["Revision"] == "revision 2"
    assert identity["Issued"] == "Ada Lovelace, 2026-03-05 17:00:00 UTC"
    assert identity["Items in this report"] == "1 of 2 in the case"
    assert identity["Audit trail up to event"] == "214"
    assert identity["Head of the audit trail (SHA-256)"] == made_record().trail.head
    assert identity["Record of this report (SHA-256)"] == "ab" * 32


def test_the_table_of_items_has_hash_size_and_who_added_them():
    report = chapter(composed(mixed_record()), "report")
    (table,) = (block for block in report.blocks if isinstance(block, Table))
    assert len(table.rows) == 7
    assert table.rows[0] == (
        "1",
        "crane.jpg",
        made_item(1).sha256,
        "35 043",
        "Ada Lovelace, 2026-02-14 10:02:00 UTC",
    )
    assert [warning[-7:] for warning in warnings_of(report)] == ["item 7.", "item 6."]


@pytest.mark.parametrize("parts", [(Part.EXAMINER,), tuple(Part)])
def test_only_a_report_with_an_appendix_sends_its_reader_there(parts):
    document = composed(made_record(plan=ReportPlan(parts=parts)))
    said = text_of(chapter(document, "report")) + text_of(chapter(document, "opinion"))
    assert ("stand in the technical appendix" in said) is (Part.APPENDIX in parts)
    assert said.count("is not part of this file") == (0 if Part.APPENDIX in parts else 2)


def test_the_appendix_says_what_it_is_not():
    about = text_of(chapter(composed(made_record()), "about"))
    assert "no conclusion" in about
    assert "A negative result shows nothing about absence" in about
    assert "never relied on alone" in about


@pytest.mark.parametrize(
    ("parts", "anchors", "title"),
    [
        ((Part.EXAMINER,), ["report", "opinion", "signoff"], OPINION.title),
        (
            (Part.APPENDIX,),
            ["about", "items", "weights", "methods", "trail", "repeat"],
            "Technical appendix on the examination of images",
        ),
    ],
)
def test_a_report_may_have_one_half_only(parts, anchors, title):
    document = composed(made_record(plan=ReportPlan(parts=parts)))
    assert [section.anchor for section in document.sections] == anchors
    assert document.title == title


def test_a_language_that_the_template_lacks_is_named_with_those_it_has():
    with pytest.raises(ReportError, match=r"no words in «fr»; choose one of de, en"):
        composed(made_record(plan=ReportPlan(language="fr")))


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("make", [made_record, mixed_record, empty_record], ids=lambda make: make.__name__)
def test_no_report_says_by_itself_more_than_can_be_known(make, language):
    record = make()
    document = composed(replace(record, plan=replace(record.plan, language=language)))
    assert not [text for text in texts_of(document) if FORBIDDEN.search(text)]


def test_the_examiners_own_words_are_printed_as_they_are():
    words = "In my opinion this proves that the picture is fake."
    document = composed(made_record(opinion=replace(OPINION, reasons=words)))
    assert words in text_of(chapter(document, "opinion"))


def test_long_names_are_shortened_where_there_is_no_room_and_whole_in_the_facts():
    document = composed(hostile_record())
    headings = [
        block.text for block in chapter(document, "items").blocks if isinstance(block, Heading) and block.level == 2
    ]
    assert max(map(len, headings)) < 120
    assert "a" * 10_000 in text_of(chapter(document, "items"))


def test_the_same_record_is_laid_out_the_same():
    assert list(texts_of(composed(mixed_record()))) == list(texts_of(composed(mixed_record())))


def test_an_item_takes_far_less_than_its_pictures_do():
    record = many_items_record(200)
    started = time.process_time()
    composed(record)
    assert (time.process_time() - started) / 200 < 0.01


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        ("2026-03-05T17:00:00.123+00:00", "2026-03-05 17:00:00 UTC"),
        ("2026-03-05T17:00:00+05:30", "2026-03-05 17:00:00 +05:30"),
        ("2026-03-05T17:00:00-08:00", "2026-03-05T17:00:00-08:00"),
        ("yesterday", "yesterday"),
        ("", ""),
    ],
)
def test_times_say_their_zone_and_what_is_none_is_left_as_it_is(time, shown):
    assert moment(time) == shown
