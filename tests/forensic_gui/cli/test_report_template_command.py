"""A laboratory's template leaves a trace: on paper, in the manifest, in the trail, and when the report is checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from forensic_gui.cli.main import main
from forensic_gui.domain.reports.manifest import manifest_beside
from forensic_gui.report.template import load_template
from forensic_gui.services.case import CaseSession
from tests.forensic_gui.signing.made_keys import PASSWORD, made_key


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A template folder that changes a heading."""
    folder = tmp_path / "house"
    folder.mkdir()
    (folder / "template.toml").write_text('name = "House 7"\n', encoding="utf-8")
    (folder / "words.en.toml").write_text('[examiner]\ncustody = "Exhibits"\n', encoding="utf-8")
    return folder


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case with one photograph."""
    pixels = np.random.default_rng(5).integers(0, 255, (40, 60, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "IMG_1.png")
    folder = tmp_path / "Harbour.case"
    assert main(["case", "create", str(folder), str(tmp_path / "IMG_1.png"), "--author", "ada"]) == 0
    return folder


@pytest.fixture
def report(case: Path, house: Path, capfd: pytest.CaptureFixture[str]) -> Path:
    """A report of that case by that template."""
    path = case.parent / "report.pdf"
    assert main(["report", str(case), "-o", str(path), "--template", str(house), "--author", "ada"]) == 0
    capfd.readouterr()
    return path


def template_checks(capfd: pytest.CaptureFixture[str]) -> list[tuple[str, str]]:
    record: dict[str, Any] = json.loads(capfd.readouterr().out.splitlines()[-1])
    return [(check["verdict"], check["sentence"]) for check in record["checks"] if check["check"] == "template"]


def test_a_report_by_a_template_names_it_in_manifest_trail_and_check(
    case: Path, house: Path, report: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    sha256 = load_template(house).identity.sha256
    assert json.loads(manifest_beside(report).read_text())["template_sha256"] == sha256
    with CaseSession.open(case, author="reader", read_only=True) as session:
        (details,) = [event.details for event in session.audit() if event.action == "report written"]
    assert (details["template"], details["template_sha256"]) == ("House 7", sha256)

    assert main(["report", "verify", str(report), "--case", str(case), "--author", "eve", "--json"]) == 0
    said = f"It was laid out by the template «House 7», SHA-256 {sha256}, as the case recorded."
    assert template_checks(capfd) == [("holds", said)]

    main(["report", "verify", str(report), "--json"])
    said = f"A template is named by the manifest alone: SHA-256 {sha256}."
    assert template_checks(capfd) == [("not checked", said)]


def test_a_signed_report_keeps_its_template(
    case: Path, report: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORT_KEY_PASSWORD", PASSWORD.decode())
    key = made_key("Ada Lovelace").write_p12(case.parent / "ada.p12")
    options = ["--key", str(key), "--password-env", "REPORT_KEY_PASSWORD"]
    assert main(["report", "sign", str(report), *options, "--case", str(case), "--author", "ada"]) == 0
    capfd.readouterr()
    assert main(["report", "verify", str(report), "--case", str(case), "--author", "eve", "--json"]) == 0
    assert [verdict for verdict, _ in template_checks(capfd)] == ["holds"]


@pytest.mark.parametrize("said", ["", "ab" * 32])
def test_a_manifest_that_names_another_template_than_the_case_is_wrong(
    case: Path, report: Path, capfd: pytest.CaptureFixture[str], said: str
) -> None:
    beside = manifest_beside(report)
    beside.write_text(json.dumps({**json.loads(beside.read_text()), "template_sha256": said}))
    assert main(["report", "verify", str(report), "--case", str(case), "--author", "eve", "--json"]) == 1
    assert [verdict for verdict, _ in template_checks(capfd)] == ["wrong"]


def test_nothing_is_said_of_the_programs_own_template(case: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = case.parent / "plain.html"
    assert main(["report", str(case), "-o", str(path), "--author", "ada"]) == 0
    capfd.readouterr()
    assert main(["report", "verify", str(path), "--case", str(case), "--author", "eve", "--json"]) == 0
    assert template_checks(capfd) == []


def test_a_template_that_turns_a_statement_round_writes_no_report(
    case: Path, house: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = '[file]\nverified_no = "yes, the case\'s copy had this hash"\n'
    (house / "words.en.toml").write_text(text, encoding="utf-8")
    path = case.parent / "report.pdf"
    assert main(["report", str(case), "-o", str(path), "--template", str(house), "--author", "ada"]) == 2
    assert "words.en.toml: «file.verified_no» says what the program alone says" in capfd.readouterr().err
    assert not path.exists()
