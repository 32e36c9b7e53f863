"""Pictures in the file: the bytes that they were, and the pixels that they show."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from pyhanko.pdf_utils import generic

from forensic_gui.domain.reports.pictures import Picture, PictureRef
from forensic_gui.domain.reports.plan import PictureKind
from forensic_gui.report.document import ColourScale, Figure, Figures, Letterhead, Section
from forensic_gui.report.pdf.style import LEFT, TOP
from tests.forensic_gui.report.golden import objects, page_pixels, page_texts, pdf_of
from tests.forensic_gui.report.pdf.made_documents import made_document, made_picture, png_of

_REF = PictureRef(1, PictureKind.ORIGINAL)
_STRIPES = np.repeat(np.array([[[200, 30, 30], [30, 160, 30], [30, 30, 200]]], np.uint8), 40, axis=1).repeat(60, axis=0)

_DEEP = Image.fromarray(_STRIPES[..., 0].astype(np.uint16) * 257)  # 16 bits a pixel


def test_a_jpeg_goes_into_the_file_as_it_is() -> None:
    picture = made_picture(_REF)
    assert picture is not None
    assert picture.data in _pdf(picture)


def test_a_mask_keeps_its_one_bit_a_pixel() -> None:
    picture = png_of(Image.fromarray(_STRIPES[..., 0] > 100))
    pdf = _pdf(picture)
    assert [each["/BitsPerComponent"] for each in _images(pdf)] == [1]
    _assert_shows(pdf, np.where(_STRIPES[..., :1] > 100, 255, 0) * np.ones(3))


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "LA", "I;16"])
def test_png_files_of_every_kind_show_their_pixels(mode: str) -> None:
    rgb = Image.fromarray(_STRIPES)
    image = rgb.quantize(8) if mode == "P" else rgb.convert(mode) if mode != "I;16" else _DEEP
    expected = np.repeat(_STRIPES[..., :1], 3, axis=2) if mode == "I;16" else np.asarray(image.convert("RGB"))
    _assert_shows(_pdf(png_of(image)), expected)


def test_what_is_transparent_shows_the_page() -> None:
    image = Image.fromarray(np.dstack([_STRIPES, np.where(_STRIPES[..., 0] > 100, 0, 255).astype(np.uint8)]))
    _assert_shows(_pdf(png_of(image)), np.where(_STRIPES[..., :1] > 100, 255, _STRIPES))


def test_an_interlaced_png_is_decoded() -> None:
    picture = Picture(_interlaced(_STRIPES), "image/png", 120, 60)
    with Image.open(io.BytesIO(picture.data)) as image:
        assert image.info["interlace"] == 1
    _assert_shows(_pdf(picture), _STRIPES)


def test_a_jpeg_of_printing_colours_is_not_shown_inverted() -> None:
    out = io.BytesIO()
    Image.fromarray(_STRIPES).convert("CMYK").save(out, "JPEG", quality=95)
    pdf = _pdf(Picture(out.getvalue(), "image/jpeg", 120, 60))
    shown = _shown(pdf)
    assert shown[30, 20].argmax() == 0
    assert shown[30, 60].argmax() == 1
    assert shown[30, 100].argmax() == 2


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png"])
def test_bytes_that_are_no_picture_are_refused(media_type: str) -> None:
    with pytest.raises(OSError):
        _pdf(Picture(b"no picture", media_type, 10, 10))


def test_pictures_are_never_blown_up() -> None:
    small = png_of(Image.fromarray(_STRIPES).resize((12, 6)))
    shown = _shown(_pdf(small))
    assert (shown[2, 2:8] < 240).any()
    assert (shown[:8, 14:200] > 240).all()


def test_a_picture_that_is_shown_twice_is_in_the_file_once() -> None:
    picture = made_picture(_REF)
    assert picture is not None
    figures = Figures((Figure(_REF, "one", ""), Figure(_REF, "two", "")))
    pdf = pdf_of(made_document(Section("s", "Section", (figures,))), make=lambda _: picture)
    assert pdf.count(picture.data) == 1


def test_the_scale_runs_over_its_colours_and_marks_the_threshold() -> None:
    scale = ColourScale(((0, 0, 0), (255, 255, 255)), 0.25, "model score")
    pdf = pdf_of(made_document(Section("s", "Section", (scale,)), mark=""))
    (row,) = (each for each in _images(pdf))
    assert row["/Width"] == 256
    data = np.frombuffer(row.data, np.uint8).reshape(256, 3)
    assert (data == np.arange(256)[:, None]).all()
    for expected in ("0.25", "0.5", "0.75", "model score"):
        assert expected in page_texts(pdf)[1]
    assert page_texts(pdf)[1].count("0.25") == 2  # the tick and the mark


def test_the_logo_stands_on_the_first_page_alone() -> None:
    letterhead = Letterhead(("Laboratory",), png_of(Image.fromarray(_STRIPES)))
    first, *rest = page_pixels(pdf_of(made_document(letterhead=letterhead)))
    assert _is_red(first).sum() > 500
    assert not any(_is_red(page).any() for page in rest)


def _interlaced(pixels: npt.NDArray[np.uint8]) -> bytes:
    """A PNG file that is seen in seven passes (ISO/IEC 15948, 8.2)."""
    passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
    rows = b"".join(
        b"\0" + row.tobytes() for top, left, down, along in passes for row in pixels[top::down, left::along]
    )
    head = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 2, 0, 0, 1)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def _pdf(picture: Picture) -> bytes:
    figures = Figures((Figure(_REF, "caption", "missing"),), columns=1)
    return pdf_of(made_document(Section("s", "S", (figures,)), mark=""), make=lambda _: picture)


def _images(pdf: bytes) -> list[generic.StreamObject]:
    return [
        each for each in objects(pdf) if isinstance(each, generic.StreamObject) and each.get("/Subtype") == "/Image"
    ]


def _shown(pdf: bytes) -> npt.NDArray[np.uint8]:
    """The second page from where its first picture begins, a pixel for each of a picture's."""
    page = list(page_pixels(pdf, scale=4 / 3))[1]
    return page[round((TOP + 38) * 4 / 3) :, round(LEFT * 4 / 3) :]


def _assert_shows(pdf: bytes, expected: npt.NDArray[np.generic]) -> None:
    shown = _shown(pdf)
    for column in (20, 60, 100):
        assert np.abs(shown[30, column].astype(int) - np.asarray(expected)[30, column].astype(int)).max() < 12


def _is_red(page: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    return (page[..., 0] > 180) & (page[..., 1] < 80) & (page[..., 2] < 80)
