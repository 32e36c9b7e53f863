"""`forensic-gui case summary`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from forensic_gui.cli.main import main


@pytest.fixture
def case(tmp_path: Path) -> Path:
    Image.new("RGB", (24, 16), (90, 20, 20)).save(tmp_path / "one.png")
    assert main(["case", "create", str(tmp_path / "Pier.case"), str(tmp_path / "one.png")]) == 0
    return tmp_path / "Pier.case"


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".html", ".pdf"])
def test_a_summary_is_written_in_the_form_of_its_suffix(
    case: Path, tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"summary{suffix}"
    assert main(["case", "summary", str(case), "-o", str(out), "--json"]) == 0
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert record["items"] == 1
    assert len(record["sha256"]) == 64
    assert main(["case", "summary", str(case), "-o", str(out)]) == 2
    assert main(["case", "summary", str(case), "-o", str(out), "--replace"]) == 0


def test_a_form_that_there_is_none_of_is_refused(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["case", "summary", str(case), "-o", str(tmp_path / "summary.xlsx")]) == 2
    assert ".csv or .jsonl" in capsys.readouterr().err


def test_an_altered_original_is_named_and_the_sheet_is_there(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (original,) = (case / "originals").rglob("*.png")
    original.chmod(0o600)
    Image.new("RGB", (24, 16)).save(original)
    assert main(["case", "summary", str(case), "-o", str(tmp_path / "sheet.html")]) == 1
    assert "one.png: The case's copy was altered" in capsys.readouterr().err
    assert (tmp_path / "sheet.html").exists()
