"""`forensic-gui report sign` and `report verify`, as a script calls them."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from PIL import Image

from forensic_gui.cli.main import main
from forensic_gui.domain.reports.manifest import manifest_beside
from forensic_gui.services.case import CaseSession
from tests.forensic_gui.services.case.made_reports import CONCLUDED
from tests.forensic_gui.services.case.made_reports import issued as issue_record
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
    assert lines[-1].startswith("Nothing is wrong with what could be checked, but nothing that was checked vouches for")


def test_an_altered_report_is_said_and_ends_with_1(case: Path, report: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = bytearray(report.read_bytes())
    data[len(data) // 2] ^= 4
    report.write_bytes(data)
    assert main(["report", "verify", str(report), "--case", str(case)]) == 1
    out = capfd.readouterr().out
    assert "  wrong:       manifest: " in out
    assert "wrong:       writing: The case recorded no writing of this very file" in out
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


def altered(report: Path) -> Path:
    """The report with other pages, and a manifest of whoever altered it: the case knew nothing of its writing."""
    data = report.read_bytes().replace(b"/Producer", b"/Producar")
    lies = json.loads(manifest_beside(report).read_text())
    lies |= {"sha256": hashlib.sha256(data).hexdigest(), "size_bytes": len(data), "trail_head": ""}
    report.write_bytes(data)
    manifest_beside(report).write_text(json.dumps(lies))
    return report


def test_no_manifest_decides_whether_the_case_must_know_a_file(
    case: Path, report: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "verify", str(altered(report)), "--case", str(case), "--json"]) == 1
    record = last_record(capfd)
    assert (found(record)["writing"], record["is_vouched_for"]) == ("wrong", False)
    sentences = {check["check"]: check["sentence"] for check in record["checks"]}
    assert "nothing vouches for its pages" in sentences["writing"]
    assert "Its pages were not compared." in sentences["revision"]


def test_a_report_that_was_written_where_the_case_could_only_be_read_is_not_vouched_for_by_it(
    case: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = case.parent / "elsewhere.pdf"
    with CaseSession.open(case, author="eve") as session:  # another one gets it for reading only
        session.tag([1], add=["quay"])  # or the report would be the one that was written, byte by byte
        assert main(["report", str(case), "-o", str(path)]) == 0
    assert main(["report", "verify", str(path), "--case", str(case)]) == 1
    assert "or it was written or signed without the case recording it" in capfd.readouterr().out


def test_a_revision_is_compared_by_its_record_and_its_pages_by_the_writing(
    case: Path, report: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with CaseSession.open(case, author="ada") as session:
        session.reports.write(opinion=CONCLUDED)
        issue_record(session)
    assert main(["report", str(case), "-o", str(case.parent / "issued.pdf"), "--revision", "1"]) == 0
    issued = case.parent / "issued.pdf"
    capfd.readouterr()
    assert main(["report", "verify", str(issued), "--case", str(case)]) == 0
    out = capfd.readouterr().out
    assert "revision: The embedded record is what the case issued as revision 1" in out
    assert "Its pages are vouched for by the recorded writing only." in out
    assert out.endswith("Nothing is wrong with what could be checked.\n")
    assert main(["report", "verify", str(altered(issued)), "--case", str(case)]) == 1
    assert "holds:       revision: The embedded record is what the case issued" in capfd.readouterr().out


def test_nothing_is_signed_in_the_name_of_a_case_that_did_not_write_it(
    case: Path, report: Path, key_options: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    before = altered(report).read_bytes()
    assert main(["report", "sign", str(report), *key_options, "--case", str(case), "--author", "eve"]) == 2
    assert "The case recorded no writing of this very file, so it was not signed" in capfd.readouterr().err
    assert report.read_bytes() == before
    assert "report signed" not in actions(case)
    manifest_beside(report).unlink()
    assert main(["report", "sign", str(report), *key_options]) == 0
    assert "what is signed is what lies there" in capfd.readouterr().err
    assert main(["report", "sign", str(report), *key_options, "--case", str(case)]) == 2
    assert main(["report", "verify", str(report), "--case", str(case)]) == 1


def test_a_signature_counts_as_a_step_of_a_chain_that_begins_with_the_writing(
    case: Path, report: Path, key_options: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert main(["report", "sign", str(report), *key_options, "--case", str(case), "--author", "ada"]) == 0
    assert main(["report", "verify", str(report), "--case", str(case)]) == 0
    assert "recorded this very file: report signed by ada" in capfd.readouterr().out
    with CaseSession.open(case, author="reader", read_only=True) as session:
        wanted = {"report written", "report signed"}
        written, first, second = (event.details for event in session.audit() if event.action in wanted)
    assert first["before"] == written["sha256"]
    assert second["before"] == first["sha256"]
    assert second["sha256"] == hashlib.sha256(report.read_bytes()).hexdigest()


def test_an_event_that_says_that_something_was_signed_vouches_for_nothing_that_was_not_written(
    case: Path, report: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    sha256 = hashlib.sha256(altered(report).read_bytes()).hexdigest()
    with CaseSession.open(case, author="eve") as session:
        for before in ("0" * 64, sha256, "", None):
            session.note("report signed", subject=sha256, details={"sha256": sha256, "before": before})
        session.note("report signed", subject=sha256, details={"sha256": sha256})
    assert main(["report", "verify", str(report), "--case", str(case), "--json"]) == 1
    assert found(last_record(capfd))["writing"] == "wrong"


def test_a_trusted_signer_vouches_for_a_report_without_its_case(
    report: Path, key_options: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "sign", str(report), *key_options]) == 0
    trusted = tmp_path / "trusted.pem"
    certificate = pkcs12.load_pkcs12(Path(key_options[1]).read_bytes(), PASSWORD).cert
    assert certificate is not None
    trusted.write_bytes(certificate.certificate.public_bytes(serialization.Encoding.PEM))
    capfd.readouterr()
    assert main(["report", "verify", str(report)]) == 0
    assert "vouches for who wrote it" in capfd.readouterr().out
    assert main(["report", "verify", str(report), "--trust", str(trusted)]) == 0
    assert capfd.readouterr().out.endswith("Nothing is wrong with what could be checked.\n")


def test_a_manifest_that_is_named_and_not_there_is_a_wrong_call(
    report: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "verify", str(report), "--manifest", str(report.with_name("nothere.json"))]) == 2
    assert "There is no manifest at" in capfd.readouterr().err


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
