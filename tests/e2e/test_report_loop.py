"""The whole way to a report that somebody else approved, by the command line alone, and the words on its pages."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from forensic_gui.cli.main import main
from forensic_gui.domain.reports.opinion import Level

Capture = pytest.CaptureFixture[str]
ADA, GRACE = "Ada Lovelace", "Grace Hopper"
SAID = {
    "title": "Photographs of the quay",
    "request": "Whether the photographs were altered;\nasked by the harbour court.",
    "first_proposition": "The crane was put into IMG_0 after it was taken.",
    "second_proposition": "The crane stood on the quay.",
    "level": Level.LIMITED_FIRST.value,
    "reasons": "The crane's shadow falls the other way <b>round</b>.",
    "examiner": ADA,
}


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    folder = tmp_path / "photographs"
    folder.mkdir()
    for number in range(2):
        pixels = np.random.default_rng(number).integers(0, 255, (60, 80, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"IMG_{number}.jpg", quality=90)
    return folder


def pdf_text(path: Path) -> list[str]:
    """Words of every page, in one line each."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
    finally:
        document.close()


def html_text(path: Path) -> str:
    """Words of the page, in one line."""
    markup = re.sub(r"<(style|script)\b.*?</\1>", " ", path.read_text("utf-8"), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


class Desk:
    """A case on the command line."""

    def __init__(self, case: Path, capfd: Capture) -> None:
        self.case = case
        self._capfd = capfd

    def __call__(self, *arguments: str, status: int = 0) -> list[dict[str, Any]]:
        """JSON lines that a command of the group `report` prints for this case."""
        self._capfd.readouterr()
        name, *rest = arguments
        given = ["report", str(self.case), *rest] if name == "make" else ["report", name, str(self.case), *rest]
        assert main([*given, "--json"]) == status, self._capfd.readouterr().err
        return [json.loads(line) for line in self._capfd.readouterr().out.splitlines()]


@pytest.fixture
def desk(tmp_path: Path, photographs: Path, untrained_weights: Path, capfd: Capture) -> Desk:
    """A case of two photographs that were analyzed."""
    case = tmp_path / "Quay.case"
    assert main(["case", "create", str(case), str(photographs), "--author", ADA]) == 0
    weights = ["--weights", str(untrained_weights), "--views", "fast", "--device", "cpu", "--write", "none"]
    assert main(["analyze", "-o", str(tmp_path / "out"), "--case", str(case), *weights, "--author", ADA]) == 0
    return Desk(case, capfd)


def test_a_report_is_written_issued_returned_issued_again_and_approved(desk: Desk, tmp_path: Path) -> None:
    # A draft says on every page that it is one, and what nobody supplied.
    desk("make", "-o", str(tmp_path / "draft.pdf"))
    pages = pdf_text(tmp_path / "draft.pdf")
    assert len(pages) > 1
    assert all("DRAFT" in page for page in pages)
    assert "not supplied" in " ".join(pages)

    form = tmp_path / "form.json"
    form.write_text(json.dumps(SAID))
    desk("write", "--from", str(form), "--items", "2,1", "--author", ADA)
    (first,) = desk("issue", "--author", ADA)
    assert (first["number"], first["authors"]) == (1, [ADA])
    desk("review", "--reviewer", ADA.upper(), "--approve", status=2)
    desk("review", "--reviewer", GRACE, "--return", "--note", "State the time of day.")

    desk("write", "--set", "limits=The time of day is unknown.", "--author", ADA)
    (second,) = desk("issue", "--author", ADA, "--reason", "The limits were missing.")
    assert (second["number"], second["supersedes"]) == (2, 1)
    desk("review", "--reviewer", GRACE, "--approve", "--note", "I agree with the method.")

    # The newest revision is what is written, with everything that was said, and nothing of a draft.
    (written,) = desk("make", "-o", str(tmp_path / "report.pdf"))
    assert (written["revision"], written["is_draft"], written["record_sha256"]) == (2, False, second["record_sha256"])
    desk("make", "-o", str(tmp_path / "report.html"))
    texts = [" ".join(pdf_text(tmp_path / "report.pdf")), html_text(tmp_path / "report.html")]
    for text in texts:
        assert "DRAFT" not in text
        for said in (*SAID.values(), "The time of day is unknown.", "The limits were missing."):
            assert " ".join(said.split()) in text
        assert text.index("IMG_1.jpg") < text.index("IMG_0.jpg")
        assert GRACE in text and "I agree with the method." in text
        assert second["record_sha256"] in text.replace(" ", "")
        assert "not supplied" in text

    # What was superseded says so, and what the court must not read in it is not there.
    desk("make", "-o", str(tmp_path / "first.html"), "--revision", "1")
    superseded = html_text(tmp_path / "first.html")
    assert "The time of day is unknown." not in superseded
    assert "State the time of day." in superseded
    assert "superseded by revision 2" in superseded

    listed = desk("revisions")
    assert [(each["number"], each["is_superseded"], each["is_signed_off"]) for each in listed] == [
        (1, True, False),
        (2, False, True),
    ]
    assert main(["case", "verify", str(desk.case)]) == 0


def test_the_same_revision_is_the_same_file_whenever_it_is_written(desk: Desk, tmp_path: Path) -> None:
    form = tmp_path / "form.json"
    form.write_text(json.dumps(SAID))
    desk("write", "--from", str(form), "--author", ADA)
    desk("issue", "--author", ADA)
    for suffix in (".pdf", ".html"):
        (once,) = desk("make", "-o", str(tmp_path / f"once{suffix}"))
        (again,) = desk("make", "-o", str(tmp_path / f"again{suffix}"))
        assert once["sha256"] == again["sha256"]
        assert (tmp_path / f"once{suffix}").read_bytes() == (tmp_path / f"again{suffix}").read_bytes()
