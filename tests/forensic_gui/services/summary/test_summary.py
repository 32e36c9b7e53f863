"""A case at a glance: rows, tables that no spreadsheet runs, contact sheets, and the event that one was written."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from forensic_gui.domain.annotation import Conclusion
from forensic_gui.domain.edits import SetConclusion
from forensic_gui.domain.errors import Cancelled, CaseError, RequestError
from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.summary import COLUMNS
from forensic_gui.report.contact_sheet import write_html_sheet, write_pdf_sheet
from forensic_gui.services import bootstrap
from forensic_gui.services.case import CaseSession
from forensic_gui.services.progress import CancelToken, ProgressEvent
from forensic_gui.services.summary import SummaryForm, SummaryRequest, read_rows, write_summary
from forensic_gui.storage.case.database import Database
from tests.forensic_gui.services.case.made_findings import finding

SHEETS = {SummaryForm.HTML: write_html_sheet, SummaryForm.PDF: write_pdf_sheet}
HOSTILE = "=1+1 <img src=x onerror=alert(1)> \u202egpj.jpg"


def no_decoder() -> Any:
    raise AssertionError("a table needs no pixels")


@pytest.fixture
def case(tmp_path: Path) -> Iterator[CaseSession]:
    """A case of three photographs, the second one with a hostile name, the third one unreadable."""
    photographs = tmp_path / "photographs"
    photographs.mkdir()
    for number, name in enumerate(("one.png", HOSTILE, "three.png")):
        pixels = np.full((20, 30, 3), 40 * number + 30, np.uint8)
        Image.fromarray(pixels).save(photographs / name, "PNG" if number != 1 else "JPEG")
    (photographs / "three.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    session = CaseSession.create(tmp_path / "Harbour", author="Examiner")
    session.add([photographs / "one.png", photographs / HOSTILE, photographs / "three.png"], group="Pier 4")
    session.note_unreadable(3, "The decoder could not make pixels of it.")
    yield session
    session.close()


def written(case: CaseSession, path: Path, **options: Any) -> bytes:
    open_decoder: Callable[[], Any] = bootstrap.open_decoder if path.suffix in (".html", ".pdf") else no_decoder
    request = SummaryRequest(path, item_ids=options.pop("item_ids", None), replaces=options.pop("replaces", False))
    report = write_summary(request, case=case, open_decoder=open_decoder, sheets=SHEETS, **options)
    data = path.read_bytes()
    assert report.sha256 == hashlib.sha256(data).hexdigest()
    return data


def test_a_table_has_a_row_for_every_item_and_runs_nothing(case: CaseSession, tmp_path: Path) -> None:
    data = written(case, tmp_path / "summary.csv")
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == data.count(b"\n") == 4
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert list(rows[0]) == [column.key for column in COLUMNS]
    assert rows[1]["name"] == "'" + HOSTILE.replace("\u202e", "\\u202e")
    assert rows[2]["unreadable"] == "The decoder could not make pixels of it."
    assert [row["group"] for row in rows] == ["Pier 4"] * 3
    assert rows[0]["share_over_threshold"] == ""


def test_rows_are_all_of_one_moment(case: CaseSession, monkeypatch: pytest.MonkeyPatch) -> None:
    moments, reading = [], Database.reading
    monkeypatch.setattr(Database, "reading", lambda self: moments.append(self) or reading(self))
    assert len(read_rows(case)) == 3
    assert len(moments) == 1


def test_json_lines_have_the_values_exactly(case: CaseSession, tmp_path: Path) -> None:
    records = [json.loads(line) for line in written(case, tmp_path / "summary.jsonl").splitlines()]
    assert records == [row.to_record() for row in read_rows(case)]
    assert records[1]["name"] == HOSTILE
    assert records[0]["tags"] == []


def test_what_was_done_with_an_item_is_counted(case: CaseSession, tmp_path: Path) -> None:
    with bootstrap.open_decoder() as decoder:
        case.note_decoded(1, decoder.decode(case.original(1)).facts)
    case.commit(1, SetConclusion(Conclusion.OPEN, Conclusion.NO_MANIPULATION_FOUND), label="Mark")
    first = read_rows(case)[0].to_record()
    assert (first["edits"], first["findings"], first["format"]) == (1, 0, "PNG")
    assert (first["width_px"], first["height_px"], first["mark"]) == (30, 20, "no manipulation found")


def test_the_newest_finding_counts(case: CaseSession, tmp_path: Path) -> None:
    facts = DecodeFacts("JPEG", "Pillow", "13.0.0", Size(30, 20), Orientation.UPRIGHT, "RGB", 8)
    maps = {"heatmap": np.full((4, 4), 0.75, np.float32)}
    for share in (0.5, 0.25):
        made = finding(case, 2, facts, share_over_threshold=share, remarks=("It is\tsmall.", "=It is grey."))
        case.put_finding(2, made, maps)
    row = read_rows(case)[1].to_record()
    assert (row["findings"], row["share_over_threshold"], row["weights_id"]) == (2, 0.25, "student")
    assert (row["views"], row["finding_time"], row["format"]) == (made.views, made.time, "JPEG")
    text = written(case, tmp_path / "summary.csv").decode("utf-8-sig")
    cells = list(csv.DictReader(io.StringIO(text, newline="")))[1]
    assert cells["share_over_threshold"] == "0.25"
    assert cells["remarks"] == "It is\\tsmall.;' =It is grey."
    sheet = written(case, tmp_path / "sheet.html").decode()
    assert "25.0 % over" in sheet
    assert " · not marked · " in sheet


@pytest.mark.parametrize("form", SummaryForm)
def test_that_it_was_written_is_an_event_with_the_hash_of_the_file(
    case: CaseSession, tmp_path: Path, form: SummaryForm
) -> None:
    path = tmp_path / f"summary{form.value}"
    data = written(case, path)
    event = case.audit()[-1]
    assert (event.action, event.subject) == ("summary written", str(path))
    assert event.details == {"form": form.value, "items": 3, "sha256": hashlib.sha256(data).hexdigest()}


def test_items_come_in_the_order_that_was_asked_for(case: CaseSession, tmp_path: Path) -> None:
    lines = written(case, tmp_path / "some.jsonl", item_ids=(3, 1)).splitlines()
    assert [json.loads(line)["item"] for line in lines] == [3, 1]
    with pytest.raises(CaseError, match="no item 9"):
        written(case, tmp_path / "none.jsonl", item_ids=(9,))


def test_a_contact_sheet_in_html_runs_and_fetches_nothing(case: CaseSession, tmp_path: Path) -> None:
    text = written(case, tmp_path / "sheet.html").decode()
    assert text.count("data:image/jpeg;base64,") == 2
    assert "<script" not in text and "\u202e" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text and "\\u202egpj.jpg" in text
    assert "<img src=x" not in text
    assert "The decoder could not make pixels of it." in text
    assert "http://" not in text and "https://" not in text


def test_a_contact_sheet_in_pdf_shows_every_item_and_does_nothing(case: CaseSession, tmp_path: Path) -> None:
    import pypdfium2

    data = written(case, tmp_path / "sheet.pdf")
    for action in (b"/JavaScript", b"/JS", b"/OpenAction", b"/AA", b"/Launch", b"/URI"):
        assert action not in data
    pages = pypdfium2.PdfDocument(data)
    text = " ".join(page.get_textpage().get_text_range() for page in pages).replace("\r\n", " ")
    assert "one.png" in text and "three.png" in text and "onerror=alert(1)" in text
    assert "not readable" in text
    pages.close()


def test_an_altered_original_gives_no_thumbnail_and_is_named(case: CaseSession, tmp_path: Path) -> None:
    original = case.original(1)
    original.chmod(0o600)
    Image.new("RGB", (30, 20)).save(original)
    report = write_summary(
        SummaryRequest(tmp_path / "sheet.html"), case=case, open_decoder=bootstrap.open_decoder, sheets=SHEETS
    )
    (failure,) = report.failures
    assert (failure.kind, str(failure.path)) == ("EvidenceAltered", case.item(1).source)
    assert "altered" in failure.message
    assert (tmp_path / "sheet.html").read_text().count("data:image/jpeg") == 1


def test_nothing_is_left_of_one_that_was_stopped(case: CaseSession, tmp_path: Path) -> None:
    cancel = CancelToken()

    def stop(event: ProgressEvent) -> None:
        cancel.cancel()

    events = len(case.audit())
    (tmp_path / "out").mkdir()
    with pytest.raises(Cancelled):
        written(case, tmp_path / "out" / "sheet.pdf", progress=stop, cancel=cancel)
    assert list((tmp_path / "out").iterdir()) == []
    assert len(case.audit()) == events


def test_files_are_replaced_only_when_that_is_asked_for_and_never_within_cases(
    case: CaseSession, tmp_path: Path
) -> None:
    (tmp_path / "summary.csv").write_text("mine")
    with pytest.raises(RequestError, match="is there already"):
        written(case, tmp_path / "summary.csv")
    assert written(case, tmp_path / "summary.csv", replaces=True).startswith(b"\xef\xbb\xbf")
    with pytest.raises(RequestError, match="lies in the case"):
        written(case, case.folder / "summary.csv")
    with pytest.raises(RequestError, match="contact sheet"):
        written(case, tmp_path / "summary.xlsx")


@pytest.mark.parametrize("form", SummaryForm)
def test_an_empty_case_has_a_summary_too(tmp_path: Path, form: SummaryForm) -> None:
    session = CaseSession.create(tmp_path / "Empty", author="Examiner")
    written(session, tmp_path / f"summary{form.value}")
    session.close()


def test_a_sheet_of_one_moment_is_the_same_bytes(
    case: CaseSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from forensic_gui.services.summary import writing

    class Frozen(writing.datetime):  # type: ignore[name-defined,misc]
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return cls(2026, 1, 2, tzinfo=tz)

    monkeypatch.setattr(writing, "datetime", Frozen)
    for suffix in (".html", ".pdf"):
        assert written(case, tmp_path / f"a{suffix}") == written(case, tmp_path / f"b{suffix}")
