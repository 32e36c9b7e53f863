"""A document as a PDF file: what a reader sees of it."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from typing import get_args

import numpy as np
import pypdfium2
import pytest

from forensic_gui.domain.reports.pictures import PictureRef
from forensic_gui.report.document import Block, Fact, Facts, Heading, Section, Table, Text, Tone
from forensic_gui.report.pdf import render_pdf
from forensic_gui.report.pdf.rendering import PIECES
from forensic_gui.report.pdf.style import BOTTOM, LEFT, PAGE_HEIGHT, RIGHT, TOP
from tests.forensic_gui.report.golden import MadePictures, no_picture, page_pixels, page_texts, pdf_of
from tests.forensic_gui.report.pdf.made_documents import HASH, item_blocks, made_document, made_picture

_SNIPPET = """
import hashlib
from tests.forensic_gui.report.golden import pdf_of
from tests.forensic_gui.report.pdf.made_documents import made_document, made_picture
print(hashlib.sha256(pdf_of(made_document(), make=made_picture)).hexdigest())
"""


def test_every_kind_of_block_has_its_pieces() -> None:
    assert set(PIECES) == set(get_args(Block))


def test_the_report_says_what_the_document_says() -> None:
    first, *rest = page_texts(pdf_of(made_document(), make=made_picture))
    for expected in ("Forensic Laboratory North", "Technical appendix", "Riverside, revision 3", HASH, "Contents"):
        assert expected in first
    body = " ".join(rest)
    for expected in ("harbour.jpg", "not supplied", "Its weights are unvalidated.", "heatmap of item 1", "0.4321"):
        assert expected in body
    assert "no picture could be made" in body
    assert "Jane Doe" in body


def test_every_page_says_what_it_is_and_which_one() -> None:
    texts = page_texts(pdf_of(made_document(), make=made_picture))
    assert len(texts) > 2
    for number, text in enumerate(texts, start=1):
        assert text.count("DRAFT") == 2  # in the header, and behind the text
        assert f"page {number} of {len(texts)}" in text
        assert "as of 2026-11-21" in text
        assert number == 1 or "Technical appendix · Riverside, revision 3" in text


def test_a_remark_stands_at_the_head_of_every_page_and_not_across_it() -> None:
    section = Section("s", "Section", (Text("words"),))
    remarked = replace(made_document(section, mark=""), remark="NOT REVIEWED")
    assert [text.count("NOT REVIEWED") for text in page_texts(pdf_of(remarked))] == [1, 1]
    pages = zip(page_pixels(pdf_of(remarked)), page_pixels(pdf_of(made_document(section, mark=""))), strict=True)
    assert not [number for number, (one, other) in enumerate(pages) if (one[60:] != other[60:]).any()]


def test_a_command_keeps_its_lines_and_its_hash_whole() -> None:
    command = f"forensic-gui audit verify CASE \\\n--head {'5f' * 32} \\\n--events 57"
    pdf = pdf_of(made_document(Section("s", "Section", (Text(command, Tone.MONO),)), mark=""))
    with pypdfium2.PdfDocument(pdf) as document:
        lines = document[1].get_textpage().get_text_bounded().split("\r\n")
    assert command.split("\n") == [line.strip() for line in lines if line.startswith(("forensic-gui", "--"))]


def test_without_a_mark_no_page_has_one() -> None:
    assert "DRAFT" not in " ".join(page_texts(pdf_of(made_document(mark=""))))


def test_nothing_stands_in_the_margins() -> None:
    long = "unbroken" * 400
    document = made_document(
        Section("s", long, (*item_blocks(1, long), Table(("a", "b"), ((long, long),), (1, 9), caption=long))),
        title=long,
    )
    for pixels in page_pixels(pdf_of(document, make=made_picture)):
        assert (pixels[:, : int(LEFT) - 1] == 255).all()
        assert (pixels[:, int(RIGHT) + 2 :] == 255).all()
        assert (pixels[:30] == 255).all()
        assert (pixels[int(PAGE_HEIGHT) - 30 :] == 255).all()


def test_the_same_document_is_the_same_file() -> None:
    assert pdf_of(made_document(), make=made_picture) == pdf_of(made_document(), make=made_picture)


def test_other_processes_write_the_same_file() -> None:
    """Neither the order of sets nor a user's settings of the library that spells objects enter."""
    hashes = {
        subprocess.run(
            [sys.executable, "-c", _SNIPPET],
            env={**os.environ, "PYTHONHASHSEED": seed, "RL_pdfMultiLine": seed, "RL_pageCompression": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(hashes) == 1


def test_an_empty_report_is_one_page() -> None:
    document = made_document(Section("only", "Nothing", ()))
    assert len(page_texts(pdf_of(document))) == 2


def test_pictures_are_asked_for_once_and_in_order() -> None:
    asked: list[PictureRef] = []
    document = made_document(
        Section("s", "Items", item_blocks(1, "a.jpg") + item_blocks(2, "b.jpg") + item_blocks(1, "a.jpg"))
    )
    pdf_of(document, make=asked.append)
    assert [ref.item_id for ref in asked] == [1, 1, 1, 2, 2, 2]


def test_a_tick_that_raises_stops_the_report() -> None:
    told = []

    def tick(done: int, total: int) -> None:
        told.append((done, total))
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render_pdf(made_document(), io.BytesIO(), pictures=MadePictures(no_picture), record_json="{}", tick=tick)
    assert told == [(1, 2), (2, 2)]


def test_contents_lead_to_the_pages_that_they_name() -> None:
    names = [f"photograph {number}" for number in range(1, 31)]
    blocks: tuple[Block, ...] = ()
    for name in names:
        blocks += (Heading(name), Facts((Fact("a", "b"),) * 20))
    pdf = pdf_of(made_document(Section("s", "Items", blocks)))
    texts = page_texts(pdf)
    on_pages = [next(page for page, text in enumerate(texts[1:], 2) if f"{name} a b" in text) for name in names]
    listed = texts[0].split(names[-1])[1]  # numbers are drawn when all else is
    assert list(map(int, re.findall(r"\d+", listed)))[: len(names) + 1] == [2, *on_pages]
    with pypdfium2.PdfDocument(pdf) as document:
        marks = list(document.get_toc())
        assert [mark.get_title() for mark in marks] == ["Items", *names]
        for before, after in pairwise(marks):
            assert before.get_dest().get_index() <= after.get_dest().get_index()
        assert f"{names[-1]} a b" in texts[marks[-1].get_dest().get_index()]


def test_headings_never_stand_alone_at_the_foot_of_a_page() -> None:
    for count in range(36, 52):
        blocks = (*(Text("x") for _ in range(count)), Heading("alone?"), Text("what follows"))
        texts = page_texts(pdf_of(made_document(Section("s", "Section", blocks))))
        page = next(text for text in texts[1:] if "alone?" in text)
        assert "what follows" in page


def test_heads_of_tables_repeat_on_every_page() -> None:
    table = Table(("Name", "Value"), tuple((f"row {number}", "v") for number in range(200)), (1, 1))
    texts = page_texts(pdf_of(made_document(Section("s", "Section", (table,)))))[1:]
    assert len(texts) > 3
    assert all("Name Value row" in text for text in texts)


def test_captions_stand_on_the_page_of_their_pictures() -> None:
    for count in range(20, 40, 3):
        blocks = (*(Text("x") for _ in range(count)), *item_blocks(1, "a.jpg"))
        pdf = pdf_of(made_document(Section("s", "Section", blocks), mark=""), make=made_picture)
        for text, pixels in zip(page_texts(pdf), page_pixels(pdf), strict=True):
            is_red = (pixels[..., 0] > 180) & (pixels[..., 1] < 80) & (pixels[..., 2] < 80)
            assert ("original of item 1" in text) == bool(is_red.sum() > 500)


def test_the_mark_lies_behind_the_text() -> None:
    """The word is light enough to read through, and large enough to be seen at once."""
    marked = next(iter(page_pixels(pdf_of(made_document()))))
    plain = next(iter(page_pixels(pdf_of(made_document(mark="")))))
    differs = (marked != plain).any(axis=2)
    assert differs.mean() > 0.04
    body = slice(80, int(BOTTOM))
    assert marked[body][differs[body]].min() > 0  # no dark letter became the mark's
    dark = plain[body].max(axis=2) < 90
    assert np.abs(marked[body][dark].astype(int) - plain[body][dark]).max() < 40


@pytest.mark.parametrize("mark", ["DRAFT", "ENTWURF · DRAFT", "DRAFT · superseded by revision 12", "x" * 300, "טיוטה"])
def test_marks_of_any_length_stay_within_the_text(mark: str) -> None:
    page = list(page_pixels(pdf_of(made_document(Section("s", "Section", ()), mark=mark))))[1]
    plain = list(page_pixels(pdf_of(made_document(Section("s", "Section", ()), mark=""))))[1]
    body = (page != plain).any(axis=2)[int(TOP) :]
    rows, columns = np.nonzero(body)
    assert columns.min() > LEFT and columns.max() < RIGHT
    assert rows.max() < BOTTOM - TOP
    assert np.ptp(rows) > 200
