"""Checks of reports: what was altered is said, and what nobody can check never counts as passed."""

from __future__ import annotations

import builtins
import re
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, x509
from cryptography.hazmat.primitives import serialization

from forensic_gui.domain.errors import ReportError, SigningError
from forensic_gui.domain.reports.manifest import manifest_beside
from forensic_gui.services.checking import embedded
from forensic_gui.services.checking.checks import Verdict
from forensic_gui.services.checking.verify import verify_report
from forensic_gui.services.signing import Pkcs12Key, sign
from tests.forensic_gui.signing.altering import hole_of, verdicts, wrong
from tests.forensic_gui.signing.made_keys import PASSWORD, MadeKey, made_key, time_stamping_service
from tests.forensic_gui.signing.made_reports import html_report, pdf_report, small_record, write_report


def test_a_report_with_its_manifest_is_what_was_written(report: Path) -> None:
    write_report(report, pdf_report())
    verified = verify_report(report)
    assert verified.is_sound
    assert verdicts(verified) == {
        "manifest": Verdict.HOLDS,
        "record": Verdict.HOLDS,
        "signature": Verdict.NOT_CHECKED,
        "case": Verdict.NOT_CHECKED,
    }
    assert "protected by nothing" in verified.checks[0].sentence


def test_a_signed_report_holds_without_manifest_and_case(report: Path, signed: bytes, no_network: None) -> None:
    report.write_bytes(signed)
    verified = verify_report(report)
    assert verified.is_sound
    found = verdicts(verified)
    assert found["manifest"] is found["signer"] is found["time stamp"] is Verdict.NOT_CHECKED
    assert found["signature ForensicGuiSignature1"] is Verdict.HOLDS


def test_trusted_certificates_decide_on_signer_and_service(
    report: Path, stamped: bytes, authority: MadeKey, tmp_path: Path, lone_key: Pkcs12Key
) -> None:
    report.write_bytes(stamped)
    root = tmp_path / "root.pem"
    root.write_bytes(authority.pem())
    verified = verify_report(report, trust=[root])
    assert verified.is_sound
    assert verdicts(verified)["signer"] is verdicts(verified)["time stamp"] is Verdict.HOLDS
    assert "revocation was not looked up" in str(verified.checks)

    sign(report, reason="a stranger", key=lone_key)
    verified = verify_report(report, trust=[root])
    assert not verified.is_sound
    assert "Self Made" in wrong(verified)


def test_a_certificate_that_ran_out_is_said_to_have(
    report: Path, authority: MadeKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from forensic_gui.services.signing import keys

    monkeypatch.setattr(keys, "_require_valid_now", lambda _: None)
    ended = made_key("Ada Lovelace", issuer=authority, valid_days=(-30, -1)).write_p12(tmp_path / "ended.p12")
    report.write_bytes(pdf_report())
    sign(report, reason="once", key=Pkcs12Key(ended, password=PASSWORD))
    trusted = tmp_path / "authority.pem"
    trusted.write_bytes(authority.pem())
    assert "it ran out, and no time stamp" in wrong(verify_report(report, trust=[trusted]))


@pytest.mark.parametrize("is_named_itself", [False, True])
@pytest.mark.parametrize("flaw", [{"signs": False}, {"valid_days": (-30, -1)}, {"valid_days": (1, 2)}])
def test_a_certificate_that_may_not_sign_is_not_trusted_even_where_it_is_named_itself(
    report: Path, authority: MadeKey, flaw: dict[str, Any], is_named_itself: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from forensic_gui.services.signing import keys

    monkeypatch.setattr(keys, "_require_valid_now", lambda _: None)
    unfit = made_key("Ada Lovelace", issuer=authority, **flaw)
    report.write_bytes(pdf_report())
    sign(report, reason="x", key=Pkcs12Key(unfit.write_p12(report.with_name("unfit.p12")), password=PASSWORD))
    trusted = report.with_name("trusted.pem")
    trusted.write_bytes((unfit if is_named_itself else authority).pem())
    assert verdicts(verify_report(report, trust=[trusted]))["signer"] is Verdict.WRONG


def test_a_time_stamp_of_somebody_who_is_no_service_is_not_trusted(
    report: Path, key: Pkcs12Key, tmp_path: Path
) -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa

    own = made_key("Ada Lovelace", private=rsa.generate_private_key(public_exponent=65537, key_size=2048))
    report.write_bytes(pdf_report())
    with time_stamping_service(own) as (url, _):
        sign(report, reason="x", key=key, timestamp=url)
    trusted = tmp_path / "own.pem"
    trusted.write_bytes(own.pem())
    assert verdicts(verify_report(report, trust=[trusted]))["time stamp"] is Verdict.WRONG


def test_a_record_of_more_values_than_any_report_has_is_not_read(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_MOST_VALUES", 10)
    write_report(report, html_report())
    check = next(each for each in verify_report(report).checks if each.subject == "record")
    assert check.verdict is Verdict.NOT_CHECKED
    assert "more values than" in check.sentence


def test_a_certificate_beside_the_signers_is_told_by_more_than_its_number(
    report: Path, signed: bytes, examiner: MadeKey
) -> None:
    start, end = hole_of(signed)
    content = cms.ContentInfo.load(bytes.fromhex(signed[start + 1 : end + (end - start - 1) % 2].decode()))
    foreign = made_key("Somebody Else", serial=examiner.certificate.serial_number)
    der = foreign.certificate.public_bytes(serialization.Encoding.DER)
    content["content"]["certificates"].append(cms.CertificateChoices({"certificate": x509.Certificate.load(der)}))
    put_in = content.dump(force=True).hex().encode()
    size = signed.index(b">", start) - start - 1
    report.write_bytes(signed[: start + 1] + put_in.ljust(size, b"0") + signed[start + 1 + size :])
    assert "Somebody Else" in wrong(verify_report(report))


def test_nothing_protects_an_unsigned_report_without_manifest(report: Path) -> None:
    report.write_bytes(pdf_report())
    verified = verify_report(report)
    assert not verified.is_sound
    assert "Nothing protects this file" in wrong(verified)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "{", '{"schema": "forensic-gui.report-manifest/9"}', "\xff", "[" * 9999]
)
def test_a_manifest_that_is_none_is_said(report: Path, text: str) -> None:
    write_report(report, pdf_report())
    manifest_beside(report).write_text(text, encoding="latin-1")
    assert "is not understood" in wrong(verify_report(report))


@pytest.mark.parametrize(
    ("name", "value"),
    [("trail_events", "1"), ("trail_events", 1.5), ("trail_events", True), ("sha256", None), ("is_signed", "no"),
     ("revision", [1]), ("file", {})],
)  # fmt: skip
def test_values_of_another_kind_are_none_of_a_manifest(report: Path, name: str, value: object) -> None:
    write_report(report, pdf_report(), **{name: value})
    assert f"its {name} is none" in wrong(verify_report(report))


def test_a_report_that_was_renamed_is_the_same_report_and_its_old_name_is_said(report: Path) -> None:
    write_report(report, pdf_report())
    elsewhere = report.with_name("copy of it.pdf")
    shutil.move(report, elsewhere)
    assert not verify_report(elsewhere).is_sound  # its manifest kept the old name
    verified = verify_report(elsewhere, manifest_path=manifest_beside(report))
    assert verified.is_sound
    assert "It was called Harbour.pdf then." in verified.checks[0].sentence


def test_a_first_page_that_prints_another_hash_is_said(report: Path) -> None:
    other = pdf_report(replace(small_record(), issue=None))
    own = html_report()
    printed = re.search(rb"[0-9a-f]{64}", own)
    assert printed is not None
    write_report(report, own.replace(printed[0], b"0" * 64, 1))
    assert "prints another hash" in wrong(verify_report(report))
    write_report(report, other)
    assert "another record" in wrong(verify_report(report))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no report",
        b"\xff\xfe\x00",
        b"%PDF-1.7",
        b"<html><p>nothing</p></html>",
        html_report() + html_report(),
        html_report().replace(b"</pre>", b""),
        html_report().replace(b"</pre>", b"<b></b></pre>"),
    ],
)
def test_a_file_without_one_whole_record_is_no_report(report: Path, data: bytes) -> None:
    write_report(report, data)
    assert not verify_report(report).is_sound


@pytest.mark.parametrize(
    "piece", [b"<", b"<a ", b"<!--", b"<![x[", b"</a ", b"<a b='", b"&", b"<pre ", b'<pre id="forensic-gui-record" ']
)
def test_pages_that_were_made_to_hold_a_reader_up_are_read_at_once(report: Path, piece: bytes) -> None:
    started = time.process_time()
    for data in (piece * 50_000, html_report() + piece * 50_000, piece * 50_000 + html_report()):
        write_report(report, data)
        verify_report(report)
    assert time.process_time() - started < 2.0


def test_characters_of_numbers_that_nobody_reads_are_no_record(report: Path) -> None:
    write_report(report, html_report().replace(b"</pre>", b"&#" + b"9" * 5000 + b";</pre>"))
    assert "no text" in wrong(verify_report(report))


@pytest.mark.parametrize(
    ("where", "name", "value"),
    [("trail", "events", "1"), ("trail", "events", 10**30), ("trail", "events", 0), ("trail", "head", 7),
     ("case", "id", [1]), ("case", "name", None)],
)  # fmt: skip
def test_records_whose_numbers_are_none_are_not_understood(report: Path, where: str, name: str, value: object) -> None:
    record = small_record()
    write_report(report, html_report(replace(record, **{where: replace(getattr(record, where), **{name: value})})))
    verified = verify_report(report)
    assert verdicts(verified)["record"] is Verdict.NOT_CHECKED
    assert "names and numbers in it are none" in " ".join(check.sentence for check in verified.checks)


def test_a_record_of_another_version_is_not_called_understood(report: Path) -> None:
    text = small_record().to_json()
    newer = html_report().replace(b"forensic-gui.report/1", b"forensic-gui.report/9")
    assert "forensic-gui.report/1" in text
    write_report(report, newer)
    verified = verify_report(report)
    check = next(each for each in verified.checks if each.subject == "record")
    assert check.verdict is Verdict.NOT_CHECKED


def test_html_is_never_executed_and_scripts_hold_no_record(report: Path) -> None:
    data = html_report().replace(b"<p>", b"<script>document.write('<pre id=forensic-gui-record>{}</pre>')</script><p>")
    write_report(report, data)
    assert verify_report(report).is_sound


def test_without_pyhanko_a_signature_is_not_checked_and_not_passed(
    report: Path, signed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    report.write_bytes(signed)
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("pyhanko"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    verified = verify_report(report)
    assert verdicts(verified)["signature"] is Verdict.NOT_CHECKED
    assert not verified.is_sound
    assert "forensic-gui[sign]" in str(verified.checks)


def test_files_that_cannot_be_read_are_named(tmp_path: Path, report: Path) -> None:
    with pytest.raises(ReportError, match="cannot be read"):
        verify_report(tmp_path / "none.pdf")
    with pytest.raises(ReportError, match="cannot be read"):
        verify_report(tmp_path)
    report.write_bytes(pdf_report())
    junk = tmp_path / "junk.pem"
    junk.write_bytes(b"no certificate")
    with pytest.raises(SigningError, match="trusted certificate"):
        verify_report(report, trust=[junk])
