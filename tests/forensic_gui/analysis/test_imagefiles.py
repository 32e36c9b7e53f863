"""Our PNG and EXIF bytes are read back by others exactly as written."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from forensic_gui.domain.errors import EvidenceTooLarge
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.services.imagefiles import GreyPng, jpeg_bytes


def png_bytes(
    rows: NDArray[np.uint8] | NDArray[np.uint16], *, orientation: Orientation = Orientation.UPRIGHT, cut: int = 7
) -> bytes:
    data = bytearray()
    png = GreyPng(
        data.extend,
        size=Size.of(rows),
        dtype=rows.dtype.type,
        orientation=orientation,
        texts={"Description": "é — text"},
    )
    for top in range(0, len(rows), cut):
        png.rows(rows[top : top + cut])
    png.close()
    return bytes(data)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([np.uint8, np.uint16]), st.integers(0, 2**32 - 1))
def test_any_size_and_depth_is_read_back_by_two_libraries(
    width: int, height: int, dtype: type[np.uint8] | type[np.uint16], seed: int
) -> None:
    rows = np.random.default_rng(seed).integers(0, np.iinfo(dtype).max, (height, width), dtype=dtype, endpoint=True)
    data = png_bytes(rows)
    assert np.array_equal(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED), rows)
    with Image.open(io.BytesIO(data)) as image:
        assert np.array_equal(np.asarray(image), rows)
        assert image.text == {"Description": "\\xe9 \\u2014 text"}


@pytest.mark.parametrize("orientation", list(Orientation))
def test_the_orientation_is_read_back(orientation: Orientation) -> None:
    rows = np.zeros((4, 5), np.uint8)
    pixels = np.zeros((4, 5, 3), np.uint8)
    for data in (png_bytes(rows, orientation=orientation), jpeg_bytes(pixels, orientation=orientation, texts={})):
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            assert image.getexif().get(0x0112, 1) == orientation


@pytest.mark.parametrize("text", ["", "abc", "abcd", "an odd length."])
def test_exif_texts_of_any_length_are_read_back(text: str) -> None:
    data = jpeg_bytes(np.zeros((8, 8, 3), np.uint8), orientation=Orientation(6), texts={0x010E: text, 0x0131: "tool"})
    with Image.open(io.BytesIO(data)) as image:
        exif = image.getexif()
        assert (exif.get(0x010E), exif[0x0112], exif[0x0131]) == (text, 6, "tool")


def test_missing_rows_are_a_defect() -> None:
    png = GreyPng(lambda _data: None, size=Size(2, 2), dtype=np.uint8, orientation=Orientation.UPRIGHT, texts={})
    png.rows(np.zeros((1, 2), np.uint8))
    with pytest.raises(AssertionError, match="1 rows are missing"):
        png.close()


def test_an_image_longer_than_a_jpeg_can_be_is_refused_in_a_sentence() -> None:
    with pytest.raises(EvidenceTooLarge, match="65,500"):
        jpeg_bytes(np.zeros((1, 65501, 3), np.uint8), orientation=Orientation.UPRIGHT, texts={})


def test_a_smooth_map_is_small() -> None:
    ramp = np.linspace(0, 65535, 400, dtype=np.float32)
    rows = ((ramp[:, None] + ramp) / 2).astype(np.uint16)
    assert len(png_bytes(rows, cut=64)) < rows.nbytes / 2
