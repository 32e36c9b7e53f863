"""`forensic-gui report sign` and `report verify`, as a script calls them."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from forensic_gui.cli.main import main
from forensic_gui.domain.reports.manifest import manifest_beside
from forensic_gui.services.case import CaseSession
from tests.forensic_gui.signing.made_keys import PASSWORD, made_key, time_stamping_service

VARIABLE = "REPORT_KEY_PASSWORD"


@pytest.fixture
def case(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Path:
    """A case with one photograph, and its report beside it."""
    pixels = np.random.default_rng(5).integers(0, 255, (40, 60, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "IMG_1.png")
    folder = tmp_path / "Harbour.case"
    assert main(["case", "create", str(folder), str(tmp_path / "IMG_1.png"), "--author", "ada"]) == 0
    assert main(["report", str(folder), "-o", str(tmp_path / "report.pdf"), "--author", "ada"]) == 0
    capfd.readouterr()
    return folder


@pytest.fixture
def report(case: Path) -> Path:
    return case.parent / "report.pdf"


@pytest.fixture
def key_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv(VARIABLE, PASSWORD.decode())
    path = made_key("Ada Lovelace").write_p12(tmp_path / "ada.p12")
    return ["--key", str(path), "--password-env", VARIABLE]


def last_record(capfd: pytest.CaptureFixture[str]) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(capfd.readouterr().out.splitlines()[-1])
    return record


def found(record: dict[str, Any]) -> dict[str, str]:
    return {check["check"]: check["verdict"] for check in record["checks"]}


def actions(case: Path) -> list[str]:
    with CaseSession.open(case, author="reader", read_only=True) as session:
        return [event.action for event in session.audit()]


def test_a_signed_report_holds_against_manifest_signature_and_case(
    case: Path, report: Path, key_options: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "sign", str(report), *key_options, "--case", str(case), "--author", "ada", "--json"]) == 0
    signed = last_record(capfd)
    assert "Ada Lovelace" in signed["signature"]["signer"]
    manifest = json.loads(manifest_beside(report).read_text())
    assert manifest["is_signed"] is True
    assert manifest["sha256"] == signed["sha256"]

    assert main(["report", "verify", str(report), "--case", str(case), "--author", "eve", "--json"]) == 0
    verified = last_record(capfd)
    assert verified["is_sound"]
    holds = {"manifest", "record", "signature ForensicGuiSignature1", "case", "audit trail", "writing"}
    assert {name for name, verdict in found(verified).items() if verdict == "holds"} == holds
    assert [action for action in actions(case) if action.startswith("report")] == [
        "report written",
        "report signed",
        "report verified",
    ]


def test_checks_are_printed_a_line_each(report: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "verify", str(report)]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[1].startswith("  holds:       manifest: ")
    assert "  not checked: case: No case was named" in "\n".join(lines)
    assert lines[-1] == "Nothing is wrong with what could be checked."


def test_an_altered_report_is_said_and_ends_with_1(case: Path, report: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = bytearray(report.read_bytes())
    data[len(data) // 2] ^= 4
    report.write_bytes(data)
    assert main(["report", "verify", str(report), "--case", str(case)]) == 1
    out = capfd.readouterr().out
    assert "  wrong:       manifest: " in out
    assert "wrong:       writing: The manifest says that the case recorded" in out
    assert out.endswith("Something is WRONG: see above.\n")


def test_a_manifest_that_was_exchanged_with_the_report_does_not_deceive_the_case(
    case: Path, report: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = report.read_bytes().replace(b"/Producer", b"/Producar")
    lies = json.loads(manifest_beside(report).read_text())
    lies["sha256"], lies["size_bytes"] = hashlib.sha256(data).hexdigest(), len(data)
    report.write_bytes(data)
    manifest_beside(report).write_text(json.dumps(lies))
    assert main(["report", "verify", str(report)]) == 0  # nobody could tell
    assert main(["report", "verify", str(report), "--case", str(case), "--json"]) == 1
    assert found(last_record(capfd))["writing"] == "wrong"


def test_a_manifest_that_denies_the_case_protects_nothing_where_the_case_is_at_hand(
    case: Path, report: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = report.read_bytes().replace(b"/Producer", b"/Producar")
    lies = json.loads(manifest_beside(report).read_text())
    lies |= {"sha256": hashlib.sha256(data).hexdigest(), "size_bytes": len(data), "trail_head": ""}
    report.write_bytes(data)
    manifest_beside(report).write_text(json.dumps(lies))
    assert main(["report", "verify", str(report), "--case", str(case), "--json"]) == 1
    record = last_record(capfd)
    assert found(record)["writing"] == "not checked"
    assert "no case says that it was written" in record["checks"][-1]["sentence"]


def test_signing_a_file_does_not_make_it_one_that_the_case_wrote(
    case: Path, report: Path, key_options: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    report.write_bytes(report.read_bytes().replace(b"/Producer", b"/Producar"))
    manifest_beside(report).unlink()
    for _ in range(2):
        assert main(["report", "sign", str(report), *key_options, "--case", str(case), "--author", "eve"]) == 0
    capfd.readouterr()
    assert main(["report", "verify", str(report), "--case", str(case), "--json"]) == 0  # somebody speaks for it
    writing = next(each for each in last_record(capfd)["checks"] if each["check"] == "writing")
    assert writing["verdict"] == "not checked"
    assert "report signed by eve" in writing["sentence"]
    assert "the signer alone speaks for it" in writing["sentence"]


def test_a_case_whose_trail_was_cut_is_said(case: Path, report: Path, capfd: pytest.CaptureFixture[str]) -> None:
    older = case.parent / "Older.case"
    shutil.copytree(case, older)
    assert main(["case", "add", str(case), str(_another(case.parent))]) == 0
    later = case.parent / "later.pdf"
    assert main(["report", str(case), "-o", str(later)]) == 0
    capfd.readouterr()
    assert main(["report", "verify", str(later), "--case", str(older)]) == 1
    assert "events were cut off, or this is an older copy" in capfd.readouterr().out


def test_a_report_of_another_case_is_said(case: Path, report: Path, capfd: pytest.CaptureFixture[str]) -> None:
    other = case.parent / "Other.case"
    assert main(["case", "create", str(other)]) == 0
    assert main(["report", "verify", str(report), "--case", str(other)]) == 1
    assert "The report is of another case" in capfd.readouterr().out


def test_an_altered_report_is_not_signed(
    report: Path, key_options: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    altered = report.read_bytes() + b"\n"
    report.write_bytes(altered)
    assert main(["report", "sign", str(report), *key_options]) == 2
    assert "It was not signed" in capfd.readouterr().err
    assert report.read_bytes() == altered


def test_the_network_is_named_before_it_is_asked(
    report: Path, key_options: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    with time_stamping_service(made_key("Time", stamps_time=True)) as (url, asked):
        assert main(["report", "sign", str(report), *key_options, "--timestamp", url]) == 0
    assert len(asked) == 1
    assert f"Asking {url} for a time stamp" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "Name the key that signs"),
        (["--key", "a.p12", "--pkcs11", "b.so"], "signed with one key"),
        (["--pkcs11", "b.so"], "name the token"),
        (["--token", "t"], "belong to --pkcs11"),
        (["--timestamp", "http://localhost/"], "belong to a signature"),
        (["--key", "a.p12", "--password-env", "NO_SUCH_VARIABLE"], "no environment variable NO_SUCH_VARIABLE"),
        (["--key", "a.p12"], "Nobody can be asked"),
        (["--key", "a.p12", "--timestamp", "here"], "time-stamping service is named by its address"),
    ],
)
def test_options_of_signing_that_contradict_each_other_are_told(
    report: Path, options: list[str], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    before = report.read_bytes()
    assert main(["report", "sign", str(report), *options]) == 2
    assert said in capfd.readouterr().err
    assert report.read_bytes() == before


def test_a_report_is_signed_as_it_is_written(
    case: Path, key_options: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    path = case.parent / "signed.pdf"
    assert main(["report", str(case), "-o", str(path), *key_options]) == 0
    assert main(["report", "verify", str(path), "--case", str(case), "--json"]) == 0
    assert found(last_record(capfd))["signature ForensicGuiSignature1"] == "holds"


def _another(folder: Path) -> Path:
    path = folder / "IMG_2.png"
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(path)
    return path
