"""A PDF file that is written object by object.

`reportlab` spells the objects; its document class is not used, because it keeps every picture until the end, twice.
Here an object leaves for the file at once, and only where it stands is kept.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from reportlab.pdfbase import pdfdoc

Value = str | bytes | int | float | Sequence["Value"] | Mapping[str, "Value"]
"""What objects consist of: text is spelled as it is, as "/Name" or a reference; bytes are, too."""

# 1.7 knows everything that is used; readers of 2.0's associated files find them all the same. The second line says
# that bytes above 127 follow, so that nobody treats the file as text.
_HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_LEVEL = 6  # of compression; named, because the default of a build of zlib may differ


def text_string(text: str) -> bytes:
    """A text of a document's properties, bookmarks and names."""
    spelled: bytes = pdfdoc.PDFString(text).format(pdfdoc.DummyDoc())
    return spelled


class PdfFile:
    """Writes objects to a stream and remembers where they stand."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._digest = hashlib.sha256()
        self._offset = 0
        self._offsets: list[int] = []  # of object 1, 2, …; 0 while it is not written
        self._write(_HEAD)

    def reserve(self) -> str:
        """Reference of an object that is written later."""
        self._offsets.append(0)
        return f"{len(self._offsets)} 0 R"

    def add(self, value: Mapping[str, Value], *, at: str | None = None) -> str:
        """Write a dictionary; its reference.

        Args:
            value: what it holds.
            at: the reference that was reserved for it; None for the next one.
        """
        reference = at if at is not None else self.reserve()
        self._object(reference, _spelled(value))
        return reference

    def add_stream(self, value: Mapping[str, Value], data: bytes, *, deflate: bool, at: str | None = None) -> str:
        """Write a stream; its reference.

        Args:
            value: its dictionary, without length.
            data: its bytes.
            deflate: whether they are compressed here; False where they are already, as `value` then says.
            at: the reference that was reserved for it; None for the next one.
        """
        reference = at if at is not None else self.reserve()
        entries = dict(value)
        if deflate:
            data = zlib.compress(data, _LEVEL)
            entries["Filter"] = "/FlateDecode"
        entries["Length"] = len(data)
        self._object(reference, _spelled(entries) + b"\nstream\n", data, b"\nendstream")
        return reference

    def finish(self, *, root: str, info: str) -> None:
        """Write the table of objects and the end.

        Args:
            root: reference of the catalog.
            info: reference of the document's properties.
        """
        assert all(self._offsets), "an object was reserved and never written"
        # Identity of the file: of what it holds, where others put the time, so that the same document is the same file.
        identity = b"<" + self._digest.hexdigest()[:32].encode("ascii") + b">"
        start = self._offset
        rows = "".join(f"{offset:010d} 00000 n \n" for offset in self._offsets)
        count = len(self._offsets) + 1
        self._write(f"xref\n0 {count}\n0000000000 65535 f \n{rows}".encode("ascii"))
        trailer = _spelled({"Size": count, "Root": root, "Info": info, "ID": [identity, identity]})
        self._write(b"trailer\n" + trailer + f"\nstartxref\n{start}\n%%EOF\n".encode("ascii"))

    def _object(self, reference: str, *parts: bytes) -> None:
        number = int(reference.split(" ", 1)[0])
        assert not self._offsets[number - 1], f"object {number} was written already"
        self._offsets[number - 1] = self._offset
        self._write(f"{number} 0 obj\n".encode("ascii"))
        for part in parts:
            self._write(part)
        self._write(b"\nendobj\n")

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._digest.update(data)
        self._offset += len(data)


def _spelled(value: Mapping[str, Value]) -> bytes:
    spelled: bytes = pdfdoc.format(_object_of(value), pdfdoc.DummyDoc())
    return spelled


def _object_of(value: Value) -> object:
    if isinstance(value, str | bytes | int | float):
        return value
    if isinstance(value, Mapping):
        spelled = pdfdoc.PDFDictionary({key: _object_of(each) for key, each in value.items()})
    else:
        spelled = pdfdoc.PDFArray([_object_of(each) for each in value])
    spelled.multiline = False  # whatever a user's settings of reportlab say: the same document is the same file
    return spelled
