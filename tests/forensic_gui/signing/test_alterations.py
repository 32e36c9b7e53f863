"""Reports of which something was altered after they were signed or written: each is said to be."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from forensic_gui.domain.errors import SigningError
from forensic_gui.domain.reports.manifest import manifest_beside
from forensic_gui.services.checking.verify import verify_report
from forensic_gui.services.signing import Pkcs12Key, sign
from tests.forensic_gui.signing.altering import flipped, hole_of, wrong
from tests.forensic_gui.signing.made_reports import html_report, pdf_report, small_record, write_report


@settings(max_examples=25)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_flipped_bit_anywhere_in_a_signed_report_is_said(share: float, signed: bytes, place: Path) -> None:
    place.write_bytes(flipped(signed, int(share * len(signed) * 8)))
    verified = verify_report(place)
    assert not verified.is_sound
    assert wrong(verified)


@settings(max_examples=25)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_flipped_bit_in_the_container_of_signature_and_time_stamp_is_said(
    share: float, stamped: bytes, place: Path
) -> None:
    start, end = hole_of(stamped)
    place.write_bytes(flipped(stamped, start * 8 + int(share * (end - start) * 8)))
    verified = verify_report(place)
    # What a service puts beside its own certificate is bound by nothing; that is said where no issuer vouches for it.
    assert not verified.is_sound or "Further certificates in it, which nothing covers" in str(verified.checks)


@settings(max_examples=20)
@given(share=st.floats(0, 1, exclude_max=True), is_html=st.booleans())
def test_a_flipped_bit_in_an_unsigned_report_with_manifest_is_said(share: float, is_html: bool, place: Path) -> None:
    data = html_report() if is_html else pdf_report()
    write_report(place, data)
    place.write_bytes(flipped(data, int(share * len(data) * 8)))
    verified = verify_report(place)
    assert "its bytes differ" in wrong(verified)
    manifest_beside(place).unlink()


@pytest.mark.parametrize("tail", [b"\n", b"%", b"\0" * 9, b"%%EOF\n"])
def test_bytes_behind_a_signature_are_said(report: Path, signed: bytes, tail: bytes) -> None:
    report.write_bytes(signed + tail)
    assert not verify_report(report).is_sound


def test_zeros_behind_the_signature_in_its_container_stay_zeros(report: Path, signed: bytes) -> None:
    _, end = hole_of(signed)
    report.write_bytes(signed[: end + 11] + b"7" + signed[end + 12 :])
    assert "container" in wrong(verify_report(report))


def test_digits_of_the_container_keep_their_case(report: Path, signed: bytes) -> None:
    start, end = hole_of(signed)
    at = next(index for index in range(start, end) if signed[index : index + 1].isalpha())
    report.write_bytes(signed[:at] + signed[at : at + 1].swapcase() + signed[at + 1 :])
    assert "container" in wrong(verify_report(report))


def test_pages_that_were_painted_over_after_signing_are_said(report: Path, signed: bytes) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    over = RawContent(b"1 1 1 rg 0 0 600 900 re f")
    stream = writer.add_object(generic.StreamObject(stream_data=over.render()))
    writer.add_stream_to_page(0, stream)
    out = io.BytesIO()
    writer.write(out)
    report.write_bytes(out.getvalue())
    assert "added to the file after it was signed" in wrong(verify_report(report))


def test_pages_that_were_painted_over_and_signed_by_somebody_else_are_said(
    report: Path, signed: bytes, lone_key: Pkcs12Key
) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    stream = writer.add_object(generic.StreamObject(stream_data=b"1 1 1 rg 0 0 600 900 re f"))
    writer.add_stream_to_page(0, stream)
    out = io.BytesIO()
    writer.write(out)
    report.write_bytes(out.getvalue())
    with pytest.raises(SigningError, match="What Common Name: Ada Lovelace signed was altered"):
        sign(report, reason="looks fine", key=lone_key)

    from forensic_gui.services.signing.keys import opened
    from forensic_gui.services.signing.sign import _signed

    with opened(lone_key) as signer:  # as another program would
        report.write_bytes(_signed(out.getvalue(), signer=signer, reason="looks fine", timestamp=None))
    assert "more than further signatures" in wrong(verify_report(report))


def test_a_signature_of_other_bytes_that_was_put_around_a_file_is_said(report: Path, signed: bytes) -> None:
    # Signature wrapping: the ranges are moved so that a foreign part lies between them.
    found = re.search(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\s*\]", signed)
    assert found is not None
    foreign = b"\n% not covered by anything\n"
    second = int(found[2])
    moved = f"/ByteRange [0 {int(found[1])} {second + len(foreign)} {int(found[3])}]".encode()
    moved = moved.ljust(len(found[0]))
    altered = signed.replace(found[0], moved)
    report.write_bytes(altered[:second] + foreign + altered[second:])
    assert not verify_report(report).is_sound


def test_a_signature_that_was_taken_out_is_missed(report: Path, signed: bytes) -> None:
    write_report(report, signed, is_signed=True)
    before = pdf_report()
    write_report(report, before, is_signed=True)
    assert "there is no signature in it" in wrong(verify_report(report))
    report.write_bytes(signed.replace(b"/AcroForm", b"/AcroFarm"))
    manifest_beside(report).unlink()
    assert "altered" in wrong(verify_report(report))


def test_a_manifest_of_another_report_is_said(report: Path) -> None:
    other = replace(small_record(), issue=None)
    write_report(report, pdf_report(), record=other)
    assert "another record" in wrong(verify_report(report))
    write_report(report, pdf_report(), case_id="another")
    assert "another case or revision" in wrong(verify_report(report))
