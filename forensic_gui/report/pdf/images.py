"""Pictures in a PDF: JPEG files as they are, PNG files as they are where a PDF knows their kind."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from itertools import pairwise

from PIL import Image

from forensic_gui.domain.reports.pictures import Picture
from forensic_gui.report.pdf.pdf_file import PdfFile, Value

_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB, _PALETTE = 0, 2, 3  # colour types of a PNG (ISO/IEC 15948, 11.2.2)
_SCALE_STEPS = 256
_Rgb = tuple[int, int, int]
_COLOUR_SPACES = {"L": "/DeviceGray", "RGB": "/DeviceRGB", "CMYK": "/DeviceCMYK"}


def add_picture(file: PdfFile, picture: Picture) -> str:
    """Write a picture to `file`; its reference.

    Raises:
        OSError: the bytes are no such picture.
    """
    if picture.media_type == "image/jpeg":
        return _add_jpeg(file, picture.data)
    return _add_png(file, picture.data)


def add_scale(file: PdfFile, colours: tuple[_Rgb, ...]) -> str:
    """Write a scale of evenly spaced colours as a picture of one pixel's height; its reference."""
    steps = _steps(colours)
    data = bytes(value for colour in steps for value in colour)
    return file.add_stream(_image(len(steps), 1, "/DeviceRGB"), data, deflate=True)


def _add_jpeg(file: PdfFile, data: bytes) -> str:
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        (width, height), mode, is_inverted = image.size, image.mode, "adobe" in image.info
    if mode not in _COLOUR_SPACES:
        raise OSError(f"a JPEG of mode {mode} cannot be printed")
    entries = _image(width, height, _COLOUR_SPACES[mode]) | {"Filter": "/DCTDecode"}
    if mode == "CMYK" and is_inverted:  # Adobe writes how much ink is left out
        entries["Decode"] = [1, 0] * 4
    return file.add_stream(entries, data, deflate=False)


def _add_png(file: PdfFile, data: bytes) -> str:
    if data[:8] != _PNG_MAGIC:
        raise OSError("the bytes are no PNG")
    chunks = list(_chunks(data))
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", chunks[0][1])
    kinds = {kind for kind, _ in chunks}
    if colour not in {_GREY, _RGB, _PALETTE} or interlace or b"tRNS" in kinds:
        return _add_decoded(file, data)
    space: Value = "/DeviceRGB" if colour == _RGB else "/DeviceGray"
    if colour == _PALETTE:
        palette = next(body for kind, body in chunks if kind == b"PLTE")
        space = ["/Indexed", "/DeviceRGB", len(palette) // 3 - 1, b"<" + palette.hex().encode("ascii") + b">"]
    rows = b"".join(body for kind, body in chunks if kind == b"IDAT")
    predictor = {"Predictor": 15, "Colors": 3 if colour == _RGB else 1, "BitsPerComponent": depth, "Columns": width}
    entries = _image(width, height, space, depth) | {"Filter": "/FlateDecode", "DecodeParms": predictor}
    return file.add_stream(entries, rows, deflate=False)


def _add_decoded(file: PdfFile, data: bytes) -> str:
    """Decode what a PDF has no way to hold as it is, transparency above all."""
    with Image.open(io.BytesIO(data), formats=["PNG"]) as opened:
        image = opened.convert("RGBA")
    width, height = image.size
    alpha = image.getchannel("A")
    entries = _image(width, height, "/DeviceRGB")
    if alpha.getextrema() != (255, 255):
        entries["SMask"] = file.add_stream(_image(width, height, "/DeviceGray"), alpha.tobytes(), deflate=True)
    return file.add_stream(entries, image.convert("RGB").tobytes(), deflate=True)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    offset = len(_PNG_MAGIC)
    while offset + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, offset)
        yield kind, data[offset + 8 : offset + 8 + length]
        offset += length + 12


def _image(width: int, height: int, space: Value, depth: int = 8) -> dict[str, Value]:
    return {
        "Type": "/XObject",
        "Subtype": "/Image",
        "Width": width,
        "Height": height,
        "ColorSpace": space,
        "BitsPerComponent": depth,
    }


def _steps(colours: tuple[_Rgb, ...]) -> tuple[_Rgb, ...]:
    """Colours at even steps along the scale, those in between mixed of their neighbours."""
    if len(colours) >= _SCALE_STEPS or len(colours) < 2:
        return colours
    pairs = list(pairwise(colours))
    return tuple(_mixed(pairs, step / (_SCALE_STEPS - 1)) for step in range(_SCALE_STEPS))


def _mixed(pairs: list[tuple[_Rgb, _Rgb]], along: float) -> _Rgb:
    place = along * len(pairs)
    index = min(int(place), len(pairs) - 1)
    (first, second), share = pairs[index], place - index
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue
