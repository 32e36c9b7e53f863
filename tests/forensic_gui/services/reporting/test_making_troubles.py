"""Reports of originals, maps and places that are not as they should be."""

from __future__ import annotations

import pytest

from forensic_gui.domain.errors import Cancelled, ReportError, RequestError
from forensic_gui.domain.reports.plan import PictureKind, ReportPlan
from forensic_gui.services.progress import CancelToken, ProgressEvent
from tests.forensic_gui.services.reporting.made_reports import PlainRenderer, names_in
from tests.forensic_gui.services.reporting.making import issue, made, meddling, overwrite


@pytest.mark.parametrize("is_item_added", [True, False])
def test_a_report_is_refused_where_what_it_shows_was_changed_meanwhile(case, ports, place, tmp_path, is_item_added):
    (tmp_path / "late.bmp").write_bytes(b"BM")

    def change() -> None:
        if is_item_added:
            case.add([tmp_path / "late.bmp"])
        else:
            case.reports.write(plan=ReportPlan(item_ids=(2, 1)))

    with pytest.raises(ReportError, match="make it again"):
        made(case, ports, place / "report.html", progress=meddling(change))
    assert names_in(place) == []
    assert made(case, ports, place / "report.html").items == (4 if is_item_added else 2)


def test_a_revision_that_there_is_not_is_refused(case, ports, place):
    with pytest.raises(ReportError, match="no revision 7"):
        made(case, ports, place / "report.pdf", revision=7)


@pytest.mark.parametrize("is_issued", [False, True])
def test_an_altered_original_is_named_and_stops_no_other(case, ports, place, is_issued):
    if is_issued:
        issue(case, ports)
    overwrite(case, 1)
    render, told = PlainRenderer(), []
    written = made(case, ports, place / "report.pdf", render=render, progress=told.append)
    ((name, sentence),) = written.troubles
    assert name == "a-wide.jpg"
    assert case.item(1).sha256 in sentence
    assert [event.item for event in told if event.kind == "failed"] == ["a-wide.jpg"]
    assert render.of(1, PictureKind.ORIGINAL) is None
    assert render.of(1, PictureKind.HEATMAP) is not None  # made when the original was what it had been
    assert render.of(2, PictureKind.ORIGINAL) is not None


def test_an_original_that_was_altered_after_the_issue_is_handed_to_the_file(case, ports, place):
    overwrite(case, 2)
    issue(case, ports)
    overwrite(case, 1)
    render = PlainRenderer()
    made(case, ports, place / "report.pdf", render=render)
    assert [each.altered for each in render.signed_off] == [(1,)]  # of the other the record says it


def test_a_missing_original_is_named(case, ports, place):
    case.original(3).unlink()
    ((name, _),) = made(case, ports, place / "report.pdf").troubles
    assert name == "c-plain.png"


def test_an_item_that_cannot_be_read_is_named(case, ports, place, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 this is no photograph")
    case.add([tmp_path / "broken.jpg"])
    ((name, sentence),) = made(case, ports, place / "report.pdf").troubles
    assert name == "broken.jpg"
    assert sentence == case.item(4).unreadable


def test_items_of_the_same_name_are_each_named(case, ports, place, tmp_path):
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 this is no photograph" + folder.encode())
        case.add([tmp_path / folder / "broken.jpg"])
    troubles = made(case, ports, place / "report.pdf").troubles
    assert [name for name, _ in troubles] == ["broken.jpg (item 4)", "broken.jpg (item 5)"]


def test_maps_that_are_lost_are_named_and_an_issued_report_is_made_without_them(case, ports, place):
    issue(case, ports)
    for path in (case.folder / "derived").rglob("*"):
        if path.is_file():
            path.unlink()
    render = PlainRenderer()
    written = made(case, ports, place / "report.pdf", render=render)
    assert [name for name, _ in written.troubles] == ["a-wide.jpg", "b-turned.jpg"]
    assert render.of(1, PictureKind.HEATMAP) is None
    assert render.of(1, PictureKind.MASK) is not None  # it is in the record


def test_a_file_that_is_there_is_replaced_only_where_that_is_asked_for(case, ports, place):
    (place / "report.pdf").write_text("mine")
    with pytest.raises(RequestError, match="is there already"):
        made(case, ports, place / "report.pdf")
    assert (place / "report.pdf").read_text() == "mine"
    made(case, ports, place / "report.pdf", replaces=True)
    assert (place / "report.pdf").read_bytes().startswith(b"{")


def test_a_manifest_of_another_report_is_not_written_over(case, ports, place):
    (place / "report.pdf.manifest.json").write_text("mine")
    with pytest.raises(RequestError, match="manifest"):
        made(case, ports, place / "report.pdf")


def test_a_report_that_is_there_is_kept_where_its_manifest_cannot_be_replaced(case, ports, place):
    (place / "report.pdf").write_text("the report of last week")
    (place / "report.pdf.manifest.json").mkdir()
    with pytest.raises(RequestError, match="is a folder"):
        made(case, ports, place / "report.pdf", replaces=True)
    assert (place / "report.pdf").read_text() == "the report of last week"


@pytest.mark.parametrize("name", ["report.doc", "report", "pdf"])
def test_a_name_that_is_no_reports_is_refused(case, ports, place, name):
    with pytest.raises(RequestError, match=r"\.pdf or \.html"):
        made(case, ports, place / name)


def test_a_place_within_a_case_is_refused(case, ports):
    with pytest.raises(RequestError, match="choose a place outside of cases"):
        made(case, ports, case.folder / "report.pdf")


def test_a_report_that_is_stopped_leaves_nothing_and_no_event(case, ports, place):
    events, token = len(case.audit()), CancelToken()

    def stop_while_writing(event: ProgressEvent) -> None:
        if event.message == "Written":
            token.cancel()

    with pytest.raises(Cancelled):
        made(case, ports, place / "report.pdf", progress=stop_while_writing, cancel=token)
    assert names_in(place) == []
    assert "report written" not in [event.action for event in case.audit()[events:]]


def test_a_renderer_that_fails_leaves_nothing(case, ports, place):
    class Failing(PlainRenderer):
        def __call__(self, *_, **__):
            raise ReportError("The template has no words in this language.")

    with pytest.raises(ReportError):
        made(case, ports, place / "report.pdf", render=Failing())
    assert names_in(place) == []


def test_a_report_is_made_even_where_every_original_is_gone(case, ports, place):
    for item_id in (1, 2, 3):
        case.original(item_id).unlink()
    assert len(made(case, ports, place / "report.pdf").troubles) == 3
