"""A report is written from the command line: which one it is and what is amiss is said, exit statuses tell programs."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from forensic_gui.cli.main import main
from forensic_gui.domain.geometry import Box
from forensic_gui.domain.reports.plan import PictureKind, PinnedView, ReportPlan
from forensic_gui.services.case import CaseSession
from tests.forensic_gui.services.case.made_reports import CONCLUDED
from tests.forensic_gui.services.case.tampering import behind_the_back

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def case(tmp_path: Path) -> str:
    """A closed case of Ada's with three small images."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    for number in range(3):
        Image.fromarray(np.full((24, 32, 3), 80 * number, np.uint8)).save(folder / f"IMG_{number}.png")
    with CaseSession.create(tmp_path / "Harbour.case", author="Ada") as session:
        session.add([folder])
        return str(session.folder)


def conclude(case: str) -> None:
    with CaseSession.open(Path(case), author="Ada") as session:
        session.reports.write(opinion=CONCLUDED)
    assert main(["report", "issue", case, "--author", "Ada"]) == 0


def told(capfd: Capture) -> tuple[list[dict[str, Any]], str]:
    """(JSON lines of stdout, stderr)."""
    out, err = capfd.readouterr()
    return [json.loads(line) for line in out.splitlines()], err


def text_of(report: Path) -> str:
    with pypdfium2.PdfDocument(report) as document:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)


@pytest.mark.parametrize("name", ["report.pdf", "report.html"])
def test_a_draft_is_written_and_said_to_be_one(case: str, tmp_path: Path, capfd: Capture, name: str) -> None:
    output = tmp_path / name
    assert main(["report", case, "-o", str(output), "--author", "Ada", "--json"]) == 0
    (record,), err = told(capfd)
    assert record["event"] == "report"
    assert record["sha256"] == hashlib.sha256(output.read_bytes()).hexdigest()
    assert (record["revision"], record["is_draft"], record["items"], record["troubles"]) == (None, True, 3, [])
    assert "This is a DRAFT: nothing is said yet of: first proposition, second proposition, level, reasons." in err
    assert Path(record["manifest"]).is_file()


def test_a_pdf_names_every_item_and_says_draft(case: str, tmp_path: Path) -> None:
    output = tmp_path / "report.pdf"
    assert main(["report", case, "-o", str(output)]) == 0
    text = text_of(output)
    assert all(f"IMG_{number}.png" in text for number in range(3))
    assert "DRAFT" in text


@pytest.mark.parametrize(
    ("gone", "tables"),
    [
        ("report reviewed", ["DELETE FROM report_review"]),
        (
            "report issued",
            ["DELETE FROM report_review", "DELETE FROM report_issue", "UPDATE report_draft SET authors = '[\"Ada\"]'"],
        ),
    ],
)
def test_the_printed_command_shows_that_an_issue_or_review_was_cut_off_the_trail(
    case: str, tmp_path: Path, gone: str, tables: list[str]
) -> None:
    conclude(case)
    assert main(["report", "review", case, "--reviewer", "Grace Hopper", "--approve"]) == 0
    output = tmp_path / "report.pdf"
    assert main(["report", case, "-o", str(output)]) == 0
    printed = re.search(r"audit verify CASE \\\s+--head ([0-9a-f]{64}) \\\s+--events (\d+)", text_of(output))
    assert printed is not None
    command = ["audit", "verify", case]
    head = ["--head", printed[1], "--events", printed[2]]
    assert main([*command, *head]) == 0
    behind_the_back(Path(case), "DELETE FROM audit WHERE seq >= (SELECT max(seq) FROM audit WHERE action = ?)", gone)
    for statement in tables:
        behind_the_back(Path(case), statement)
    assert main(command) == 0  # the chain alone shows nothing
    assert main([*command, *head]) == 1


def test_two_runs_give_the_same_bytes(case: str, tmp_path: Path) -> None:
    for suffix in ("pdf", "html"):
        files = [tmp_path / f"{number}.{suffix}" for number in range(2)]
        for file in files:
            assert main(["report", case, "-o", str(file)]) == 0
        assert files[0].read_bytes() == files[1].read_bytes()


def test_the_issued_revision_is_written_by_itself_and_the_draft_when_asked_for(
    case: str, tmp_path: Path, capfd: Capture
) -> None:
    conclude(case)
    capfd.readouterr()
    assert main(["report", case, "-o", str(tmp_path / "issued.pdf")]) == 0
    assert "This is revision 1." in capfd.readouterr().err
    assert "DRAFT" not in text_of(tmp_path / "issued.pdf")
    assert main(["report", case, "-o", str(tmp_path / "draft.pdf"), "--draft"]) == 0
    assert "This is a DRAFT: it was not issued yet." in capfd.readouterr().err
    assert main(["report", case, "-o", str(tmp_path / "one.pdf"), "--revision", "1"]) == 0
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "issued.pdf").read_bytes()


def test_a_superseded_revision_is_said_to_be_one(case: str, tmp_path: Path, capfd: Capture) -> None:
    conclude(case)
    assert main(["report", "issue", case, "--reason", "A word was wrong", "--author", "Ada"]) == 0
    capfd.readouterr()
    assert main(["report", case, "-o", str(tmp_path / "old.pdf"), "--revision", "1"]) == 0
    assert "This is revision 1, which revision 2 superseded." in capfd.readouterr().err


def test_what_a_draft_shows_can_be_chosen_for_once(case: str, tmp_path: Path, capfd: Capture) -> None:
    assert main(["report", case, "-o", str(tmp_path / "all.pdf")]) == 0  # reads every item
    view = PinnedView(1, PictureKind.ORIGINAL, Box(0, 0, 8, 8))
    with CaseSession.open(Path(case), author="Ada") as session:
        session.reports.write(plan=ReportPlan(pinned=(view,)))
    output = tmp_path / "report.pdf"
    chosen = ["--items", "3,2", "--parts", "appendix", "--language", "de"]
    assert main(["report", case, "-o", str(output), *chosen]) == 0
    text = text_of(output)
    assert "IMG_2.png" in text and "IMG_0.png" not in text
    with CaseSession.open(Path(case), author="Ada", read_only=True) as session:
        assert session.reports.draft().plan == ReportPlan(pinned=(view,))


def test_an_altered_original_is_named_and_gives_exit_status_1(case: str, tmp_path: Path, capfd: Capture) -> None:
    with CaseSession.open(Path(case), author="Ada", read_only=True) as session:
        path = session.original(2)
    path.chmod(0o644)
    path.write_bytes(b"something else")
    assert main(["report", case, "-o", str(tmp_path / "report.pdf"), "--json"]) == 1
    (record,), err = told(capfd)
    assert [name for name, _ in record["troubles"]] == ["IMG_1.png"]
    assert err.count("IMG_1.png: The original was altered") == 1
    assert "Some items have troubles: 1, each named above." in err


def test_a_case_that_is_open_elsewhere_is_reported_and_that_is_not_recorded(
    case: str, tmp_path: Path, capfd: Capture
) -> None:
    with CaseSession.open(Path(case), author="Ada") as session:
        before = len(session.audit())
        assert main(["report", case, "-o", str(tmp_path / "report.html")]) == 0
        assert len(session.audit()) == before
    err = capfd.readouterr().err
    assert "This report is not recorded in the case's audit trail" in err
    assert "The manifest names no head of the audit trail" in err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["-o", "report.doc"], "pdf"),
        (["-o", "report.pdf", "--draft", "--revision", "1"], "say one of them"),
        (["-o", "report.pdf", "--revision", "4"], "no revision 4"),
        (["-o", "report.pdf", "--items", "9"], "item 9"),
        (["-o", "report.pdf", "--items", "one"], "numbers of items"),
        (["-o", "report.pdf", "--parts", "cover"], "--parts"),
        (["-o", "report.pdf", "--language", "xx"], "xx"),
        (["-o", "report.html", "--key", "none.p12", "--password-env", "D_PASSWORD"], "Only a PDF"),
        ([], "--output"),
    ],
)
def test_a_wrong_call_is_told_in_a_sentence_and_leaves_nothing(
    case: str, tmp_path: Path, capfd: Capture, monkeypatch: pytest.MonkeyPatch, options: list[str], sentence: str
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("D_PASSWORD", "secret")
    assert main(["report", case, *options]) == 2
    assert sentence in capfd.readouterr().err
    assert not list((tmp_path / "here").iterdir())


def test_an_issued_revision_refuses_to_show_something_else(case: str, tmp_path: Path, capfd: Capture) -> None:
    conclude(case)
    assert main(["report", case, "-o", str(tmp_path / "report.pdf"), "--items", "1"]) == 2
    assert "shows what it shows" in capfd.readouterr().err


def test_a_file_that_is_there_stays_without_replace(case: str, tmp_path: Path) -> None:
    output = tmp_path / "report.html"
    output.write_text("mine")
    assert main(["report", case, "-o", str(output)]) == 2
    assert output.read_text() == "mine"
    assert main(["report", case, "-o", str(output), "--replace"]) == 0


def test_progress_is_told_line_by_line_to_programs(case: str, tmp_path: Path, capfd: Capture) -> None:
    assert main(["report", case, "-o", str(tmp_path / "report.pdf"), "--progress", "jsonl"]) == 0
    events, _ = told(capfd)
    assert {event["message"] for event in events} >= {"Put into the record", "Written"}
    assert all(event["event"] in {"started", "finished", "stage"} for event in events)
