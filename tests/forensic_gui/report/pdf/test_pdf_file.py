"""A PDF file written object by object."""

from __future__ import annotations

import io
import zlib

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from forensic_gui.report.pdf.pdf_file import PdfFile, Value, text_string


def test_objects_are_read_back_as_they_were_added() -> None:
    out = io.BytesIO()
    file = PdfFile(out)
    late = file.reserve()
    pages = file.add({"Type": "/Pages", "Kids": [], "Count": 0})
    value: Value = {"Nested": {"List": [1, 2.5, "/Name", late]}, "Text": text_string("(Grüße) \\ 图")}
    root = file.add({"Type": "/Catalog", "Pages": pages, "Value": value})
    file.add_stream({"Kind": "/Late"}, b"endstream endobj", deflate=True, at=late)
    file.finish(root=root, info=pages)
    reader = PdfFileReader(io.BytesIO(out.getvalue()))
    read = reader.root["/Value"]
    assert read["/Text"] == "(Grüße) \\ 图"
    assert list(map(str, read["/Nested"]["/List"]))[:3] == ["1", "2.5", "/Name"]
    assert read["/Nested"]["/List"][3].data == b"endstream endobj"


def test_streams_are_compressed_or_left_as_they_are() -> None:
    out = io.BytesIO()
    file = PdfFile(out)
    data = b"a" * 1000
    file.add_stream({}, data, deflate=True)
    assert zlib.compress(data, 6) in out.getvalue()
    file.add_stream({"Filter": "/DCTDecode"}, data, deflate=False)
    assert data in out.getvalue()


def test_objects_leave_at_once() -> None:
    out = io.BytesIO()
    file = PdfFile(out)
    file.add_stream({}, b"x" * 5000, deflate=False)
    assert len(out.getvalue()) > 5000


def test_an_object_that_was_promised_and_never_written_is_our_mistake() -> None:
    file = PdfFile(io.BytesIO())
    root = file.add({"Type": "/Catalog"})
    file.reserve()
    with pytest.raises(AssertionError, match="never written"):
        file.finish(root=root, info=root)


def test_an_object_is_written_once() -> None:
    file = PdfFile(io.BytesIO())
    reference = file.add({})
    with pytest.raises(AssertionError, match="written already"):
        file.add({}, at=reference)


def test_the_file_s_identity_is_that_of_what_it_holds() -> None:
    assert _identity("/One") == _identity("/One")
    assert _identity("/One") != _identity("/Two")


def _identity(name: str) -> bytes:
    out = io.BytesIO()
    file = PdfFile(out)
    root = file.add({"Type": "/Catalog", "Name": name})
    file.finish(root=root, info=root)
    return out.getvalue().split(b"/ID")[1].split(b"]")[0]
