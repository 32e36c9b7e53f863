"""The quality that a JPEG's tables tell is the one it was written with."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from boxprompt.data.decode.core import decode_bytes
from boxprompt.data.decode.jpeg_quality import estimated_quality, luma_table


def written(quality: int) -> Image.Image:
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (16, 16, 3), np.uint8)).save(
        file, "JPEG", quality=quality
    )
    return Image.open(io.BytesIO(file.getvalue()))


@pytest.mark.parametrize("quality", [1, 10, 37, 50, 75, 90, 95, 100])
def test_the_quality_of_libjpeg_is_found_again(quality):
    table = written(quality).quantization[0]
    assert sorted(table) == sorted(luma_table(quality))
    found = estimated_quality(table)
    assert sum(luma_table(found)) == sum(luma_table(quality))  # under 2 all steps are 255
    assert found == quality or quality < 3


def test_a_table_of_a_cameras_own_has_the_quality_of_about_its_strength():
    table = [step + offset for step, offset in zip(luma_table(80), [1, -1] * 32, strict=True)]
    assert estimated_quality(table) == 80


def test_what_is_no_table_has_no_quality():
    assert estimated_quality([]) is None
    assert estimated_quality([16] * 63) is None


@pytest.mark.parametrize(
    ("format", "exif", "facts"),
    [
        ("JPEG", {0x010F: "Camera Works"}, (70, True)),
        ("JPEG", {0x0110: "Model 1"}, (70, True)),
        ("JPEG", {0x010F: " \0"}, (70, False)),
        ("JPEG", {}, (70, False)),
        ("PNG", {0x010F: "Camera Works"}, (None, True)),
        ("PNG", {}, (None, False)),
    ],
)
def test_decoding_tells_the_quality_and_whether_a_camera_is_named(format, exif, facts):
    tags = Image.Exif()
    tags.update(exif)
    file = io.BytesIO()
    Image.new("RGB", (16, 16)).save(file, format, quality=70, exif=tags)
    found = decode_bytes(file.getvalue()).facts
    assert (found.jpeg_quality, found.names_camera) == facts
