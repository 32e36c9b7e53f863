"""Signatures: who signed what, with which key, and that nothing but a signature was added."""

from __future__ import annotations

import builtins
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forensic_gui.domain.errors import RequestError, SigningError
from forensic_gui.services.checking.signatures import read_signatures, read_trusted
from forensic_gui.services.signing import Pkcs12Key, sign
from tests.forensic_gui.report.golden import page_pixels
from tests.forensic_gui.signing.made_keys import PASSWORD, MadeKey, made_key, time_stamping_service
from tests.forensic_gui.signing.made_reports import pdf_report


def test_a_signature_says_who_signed_why_and_covers_the_whole_file(
    report: Path, key: Pkcs12Key, no_network: None
) -> None:
    report.write_bytes(pdf_report())
    sign(report, reason="Revision 2", key=key)

    (signature,) = read_signatures(report.read_bytes())
    assert "Ada Lovelace" in signature.signer
    assert "Test Authority" in signature.issuer
    assert signature.reason == "Revision 2"
    assert signature.covers_file
    assert signature.faults == ()
    assert signature.unproven == ()
    assert not signature.is_self_signed
    assert signature.stamp is None


def test_a_signature_is_pades_and_certifies_the_file(report: Path, key: Pkcs12Key) -> None:
    report.write_bytes(pdf_report())
    sign(report, reason="", key=key)
    data = report.read_bytes()
    assert b"/ETSI.CAdES.detached" in data
    assert b"/DocMDP" in data


def test_openssl_reads_the_same_signature(report: Path, key: Pkcs12Key, authority: MadeKey, tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to ask")
    report.write_bytes(pdf_report())
    sign(report, reason="", key=key)
    data = report.read_bytes()
    found = re.search(rb"/ByteRange \[0 (\d+) (\d+) (\d+)", data)
    assert found is not None
    first, second, length = map(int, found.groups())
    (tmp_path / "signed").write_bytes(data[:first] + data[second : second + length])
    (tmp_path / "signature").write_bytes(bytes.fromhex(data[first + 1 : second - 1].decode()))
    (tmp_path / "root.pem").write_bytes(authority.pem())
    how = ("-verify", "-cades", "-binary", "-inform", "DER", "-purpose", "any", "-out", os.devnull)
    asked = subprocess.run(
        [openssl, "cms", *how, "-in", "signature", "-content", "signed", "-CAfile", "root.pem"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr


def test_signing_adds_to_the_file_and_changes_no_page(report: Path, key: Pkcs12Key) -> None:
    before = pdf_report()
    report.write_bytes(before)
    report.chmod(0o640)
    sign(report, reason="", key=key)
    after = report.read_bytes()
    assert after.startswith(before)
    assert stat.S_IMODE(report.stat().st_mode) == 0o640
    for old, new in zip(page_pixels(before), page_pixels(after), strict=True):
        assert np.array_equal(old, new)
    assert [each.name for each in report.parent.iterdir()] == [report.name]


def test_a_second_person_signs_the_signed_file_and_both_signatures_hold(
    report: Path, key: Pkcs12Key, lone_key: Pkcs12Key
) -> None:
    report.write_bytes(pdf_report())
    sign(report, reason="author", key=key)
    sign(report, reason="reviewer", key=lone_key)
    first, second = read_signatures(report.read_bytes())
    assert (first.reason, second.reason) == ("author", "reviewer")
    assert (first.covers_file, second.covers_file) == (False, True)
    assert first.faults == second.faults == ()
    assert second.is_self_signed


def test_only_named_certificates_are_trusted(
    report: Path, key: Pkcs12Key, authority: MadeKey, no_network: None
) -> None:
    report.write_bytes(pdf_report())
    sign(report, reason="", key=key)
    data = report.read_bytes()
    assert read_signatures(data)[0].is_trusted is None
    assert read_signatures(data, trusted=read_trusted([authority.pem()]))[0].is_trusted is True
    stranger = made_key("Test Authority", is_authority=True)  # the same name, another key
    assert read_signatures(data, trusted=read_trusted([stranger.pem()]))[0].is_trusted is False


def test_a_self_signed_certificate_is_trusted_where_it_is_named_itself(report: Path, tmp_path: Path) -> None:
    alone = made_key("Self Made")
    report.write_bytes(pdf_report())
    sign(report, reason="", key=Pkcs12Key(alone.write_p12(tmp_path / "k.p12"), password=PASSWORD))
    (signature,) = read_signatures(report.read_bytes(), trusted=read_trusted([alone.pem()]))
    assert signature.is_self_signed
    assert signature.is_trusted


@pytest.mark.parametrize("password", [b"another", b"", None])
def test_a_wrong_password_leaves_the_file_as_it_was(report: Path, key: Pkcs12Key, password: bytes | None) -> None:
    report.write_bytes(pdf_report())
    with pytest.raises(SigningError, match="no PKCS#12 file, or the password"):
        sign(report, reason="", key=Pkcs12Key(key.path, password=password))
    assert report.read_bytes() == pdf_report()


def test_a_key_without_password_signs(report: Path, examiner: MadeKey, tmp_path: Path) -> None:
    report.write_bytes(pdf_report())
    sign(report, reason="", key=Pkcs12Key(examiner.write_p12(tmp_path / "open.p12", password=None)))
    assert read_signatures(report.read_bytes())[0].faults == ()


@pytest.mark.parametrize(("days", "said"), [((-9, -2), "was valid until"), ((2, 9), "is valid only from")])
def test_a_certificate_that_is_not_valid_now_signs_nothing(
    report: Path, tmp_path: Path, days: tuple[int, int], said: str
) -> None:
    report.write_bytes(pdf_report())
    path = made_key("Somebody", valid_days=days).write_p12(tmp_path / "k.p12")
    with pytest.raises(SigningError, match=said):
        sign(report, reason="", key=Pkcs12Key(path, password=PASSWORD))
    assert report.read_bytes() == pdf_report()


def test_a_certificate_that_is_not_for_signing_signs_nothing(report: Path, tmp_path: Path) -> None:
    report.write_bytes(pdf_report())
    key = Pkcs12Key(made_key("Ada Lovelace", signs=False).write_p12(tmp_path / "key.p12"), password=PASSWORD)
    with pytest.raises(SigningError, match="not one for signing"):
        sign(report, reason="", key=key)
    assert report.read_bytes() == pdf_report()


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"no PDF at all", pdf_report()[:-400]])
def test_what_is_no_whole_pdf_is_not_signed(report: Path, key: Pkcs12Key, content: bytes) -> None:
    report.write_bytes(content)
    with pytest.raises(SigningError, match="could not be signed"):
        sign(report, reason="", key=key)
    assert report.read_bytes() == content


def test_files_that_are_not_there_are_named(tmp_path: Path, key: Pkcs12Key, report: Path) -> None:
    with pytest.raises(SigningError, match=r"none\.pdf cannot be read"):
        sign(tmp_path / "none.pdf", reason="", key=key)
    report.write_bytes(pdf_report())
    with pytest.raises(SigningError, match=r"key file .*none\.p12 cannot be read"):
        sign(report, reason="", key=Pkcs12Key(tmp_path / "none.p12"))


def test_passwords_are_not_shown_with_a_key(key: Pkcs12Key) -> None:
    assert PASSWORD.decode() not in repr(key)


def test_without_pyhanko_the_extra_is_named(report: Path, key: Pkcs12Key, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("pyhanko"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SigningError, match=r"forensic-gui\[sign\]"):
        sign(report, reason="", key=key)


def test_a_time_stamp_is_asked_for_once_and_says_when_the_signature_was_there(
    report: Path, key: Pkcs12Key, authority: MadeKey, time_authority: MadeKey
) -> None:
    report.write_bytes(pdf_report())
    with time_stamping_service(time_authority) as (url, asked):
        sign(report, reason="", key=key, timestamp=url)
    assert len(asked) == 1
    assert asked[0] < 200  # a hash, not the report
    (signature,) = read_signatures(report.read_bytes(), trusted=read_trusted([authority.pem()]))
    assert signature.faults == ()
    assert signature.stamp is not None
    assert "Test Time" in signature.stamp.service
    assert signature.stamp.is_trusted


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [(b"nonsense", 200, "gave no time stamp"), (b"", 500, "it answered 500"), (b"", 302, "it answered 302")],
)
def test_a_service_that_fails_leaves_the_file_unsigned(
    report: Path, key: Pkcs12Key, time_authority: MadeKey, answer: bytes, status: int, said: str
) -> None:
    report.write_bytes(pdf_report())
    with (
        time_stamping_service(time_authority, answer=answer, status=status) as (url, asked),
        pytest.raises(SigningError, match=said),
    ):
        sign(report, reason="", key=key, timestamp=url)
    assert report.read_bytes() == pdf_report()
    assert len(asked) == 1  # no other place was asked


def test_an_answer_to_another_request_is_no_time_stamp(report: Path, key: Pkcs12Key, time_authority: MadeKey) -> None:
    from pyhanko.sign.timestamps import TimeStamper

    from tests.forensic_gui.signing.made_keys import stamping

    _, other = TimeStamper().request_cms(b"\x00" * 32, "sha256")
    stamp = stamping(time_authority).request_tsa_response(other).dump()
    report.write_bytes(pdf_report())
    with (
        time_stamping_service(time_authority, answer=stamp) as (url, _),
        pytest.raises(SigningError, match="to another request"),
    ):
        sign(report, reason="", key=key, timestamp=url)


@pytest.mark.parametrize("url", ["", "stamp.example", "file:///etc/passwd", "ftp://a/b", "http://", "http://u:p@a/b"])
def test_only_web_addresses_are_services(report: Path, key: Pkcs12Key, url: str, no_network: None) -> None:
    report.write_bytes(pdf_report())
    with pytest.raises(RequestError):
        sign(report, reason="", key=key, timestamp=url)
