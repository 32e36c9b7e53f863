"""Whole reports on paper: long names, right-to-left, nothing supplied, 200 items, hostile names."""

from __future__ import annotations

import numpy as np
import pytest

from forensic_gui.domain.reports.record import ReportRecord, SignedOff, record_hash
from forensic_gui.report.compose import compose
from forensic_gui.report.pdf.style import BOTTOM, LEFT, PAGE_HEIGHT, RIGHT, TOP
from forensic_gui.report.template import load_template
from tests.forensic_gui.report.golden import page_pixels, page_texts, pdf_of
from tests.forensic_gui.report.made_records import (
    ARABIC_NAME,
    HEBREW_NAME,
    empty_record,
    hostile_record,
    many_items_record,
    mixed_record,
)
from tests.forensic_gui.report.pdf.made_documents import made_picture

_RECORDS = {"mixed": mixed_record, "empty": empty_record, "hostile": hostile_record}


@pytest.mark.parametrize("name", _RECORDS)
def test_no_page_is_empty_and_nothing_stands_beside_the_text(name: str) -> None:
    # A large j reaches a little to the left of where it stands.
    for number, pixels in enumerate(page_pixels(_pdf(_RECORDS[name]())), start=1):
        assert (pixels[:, : int(LEFT) - 4] == 255).all(), number
        assert (pixels[:, int(RIGHT) + 4 :] == 255).all(), number
        assert (pixels[: int(TOP) - 36] == 255).all(), number
        assert (pixels[int(PAGE_HEIGHT) - 34 :] == 255).all(), number
        body = pixels[int(TOP) : int(BOTTOM)]
        assert (body.max(axis=2) < 128).any(), f"page {number} says nothing"


def test_a_draft_says_so_on_every_page() -> None:
    texts = page_texts(_pdf(empty_record()))
    assert all(text.count("DRAFT") >= 2 for text in texts)
    assert all(f"page {number} of {len(texts)}" in text for number, text in enumerate(texts, start=1))
    assert " ".join(texts).count("not supplied") > 8


def test_names_from_the_right_stand_as_they_do_in_a_folder() -> None:
    said = " ".join(page_texts(_pdf(mixed_record())))
    for name in (HEBREW_NAME, ARABIC_NAME):
        for word in name.removesuffix(".jpg").removesuffix(".png").split():
            assert word.strip("()") in said


def test_two_hundred_items_are_each_found_from_the_contents() -> None:
    texts = page_texts(_pdf(many_items_record(200)))
    listed = " ".join(texts[:8])
    assert all(f"Item {number}: " in listed for number in range(1, 201))
    begun = [text for text in texts[8:] if " File File name" in text]
    assert len(begun) == 200


def test_every_page_of_a_large_report_is_used() -> None:
    """A heading that found no room, or a piece higher than its page, would leave one empty."""
    pdf = _pdf(many_items_record(12))
    inks = [np.mean(page[int(TOP) : int(BOTTOM)].max(axis=2) < 200) for page in page_pixels(pdf)]
    assert min(inks) > 0.001


def _pdf(record: ReportRecord) -> bytes:
    text = record.to_json()
    document = compose(record, record_sha256=record_hash(text), signed_off=SignedOff(), template=load_template())
    return pdf_of(document, make=made_picture, record_json=text)
