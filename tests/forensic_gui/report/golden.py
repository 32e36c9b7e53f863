"""Looks at PDF files as a reader does: their pages as text and as pixels, their objects one by one.

`python -m tests.forensic_gui.report.golden REPORT.pdf FOLDER` draws every page into a PNG file, to be looked at.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pypdfium2
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from forensic_gui.domain.reports.pictures import Picture, PictureRef
from forensic_gui.report.document import Document
from forensic_gui.report.pdf import render_pdf

_SCALE = 1.0  # pixels per point


@dataclass(frozen=True, slots=True)
class MadePictures:
    """Pictures that a function makes."""

    make: Callable[[PictureRef], Picture | None]

    def get(self, ref: PictureRef) -> Picture | None:
        return self.make(ref)


def no_tick(done: int, total: int) -> None:
    """Nobody waits."""


def no_picture(ref: PictureRef) -> Picture | None:
    """There is none of anything."""
    return None


def pdf_of(
    document: Document, *, make: Callable[[PictureRef], Picture | None] = no_picture, record_json: str = "{}"
) -> bytes:
    """The file of a document."""
    out = io.BytesIO()
    render_pdf(document, out, pictures=MadePictures(make), record_json=record_json, tick=no_tick)
    return out.getvalue()


def page_texts(pdf: bytes) -> list[str]:
    """What each page says, as it is copied from a reader, line ends as spaces."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]


def page_pixels(pdf: bytes, *, scale: float = _SCALE) -> Iterator[npt.NDArray[np.uint8]]:
    """Each page as uint8 (H, W, 3), `scale` pixels to the point."""
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            yield np.asarray(page.render(scale=scale, rev_byteorder=True).to_pil().convert("RGB"))


def write_pages(pdf: bytes, folder: Path, *, scale: float = 1.5) -> list[Path]:
    """Draw every page into a PNG file, to be looked at."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, pixels in enumerate(page_pixels(pdf, scale=scale), start=1):
        paths.append(folder / f"page-{number:03d}.png")
        Image.fromarray(pixels).save(paths[-1])
    return paths


def objects(pdf: bytes) -> list[generic.PdfObject]:
    """All objects of a file, those within others too."""
    reader = PdfFileReader(io.BytesIO(pdf))
    found: list[generic.PdfObject] = []
    for number in range(1, int(reader.trailer["/Size"])):
        _collect(reader.get_object(generic.Reference(number, 0, reader)), found)
    return found


def _collect(value: generic.PdfObject, found: list[generic.PdfObject]) -> None:
    found.append(value)
    if isinstance(value, generic.DictionaryObject):
        for key in value:
            _collect(value.raw_get(key), found)
    elif isinstance(value, generic.ArrayObject):
        for index in range(len(value)):
            _collect(value.raw_get(index), found)


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]).read_bytes(), Path(sys.argv[2]))
