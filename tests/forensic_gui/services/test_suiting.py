"""What is measured of an image's pixels before it is compared with what weights were trained on."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from forensic_gui.domain.evidence import DecodedEvidence, DecodeFacts, Evidence
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.suitability import Oddity, TrainingDomain
from forensic_gui.services.ports import LocalizerInfo
from forensic_gui.services.suiting import blockiness, flat_share, remarks_on_evidence, traits_of

INFO = LocalizerInfo("w", "0" * 64, "none", 0.5, "cpu", "numpy", {}, domain=TrainingDomain((224, 512), (70, 100)))


@pytest.fixture(scope="module")
def photograph() -> Image.Image:
    """Smooth noise, as a scene is."""
    noise = np.random.default_rng(3).integers(0, 256, (300, 400, 3), np.uint8)
    return Image.fromarray(noise).filter(ImageFilter.GaussianBlur(3))


def compressed(image: Image.Image, quality: int) -> np.ndarray:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


def decoded(pixels: np.ndarray, *, format: str = "PNG", **facts) -> DecodedEvidence:
    made = DecodeFacts(format, "d", "1", Size.of(pixels), Orientation.UPRIGHT, "RGB", 8, **facts)
    return DecodedEvidence(Evidence(Path("a"), "0" * 64, 1, ""), made, pixels, 0.0, 0.0)


def test_blocks_of_a_strong_compression_stand_out_wherever_the_grid_begins(photograph):
    whole, blocked = np.asarray(photograph), compressed(photograph, 10)
    assert blockiness(whole) < 1.3
    assert blockiness(blocked) > 2
    assert blockiness(blocked[:, 3:]) == pytest.approx(blockiness(blocked), rel=0.05)


def test_one_colour_and_very_narrow_pictures_have_no_blocks():
    assert blockiness(np.full((4, 64, 3), 7, np.uint8)) == 1.0
    assert blockiness(np.random.default_rng(0).integers(0, 256, (4, 15, 3), np.uint8)) == 1.0


def test_the_flat_share_counts_equal_neighbours_in_all_channels():
    rows = np.array([[[1, 2, 3], [1, 2, 3], [1, 2, 4], [1, 2, 4], [9, 2, 4]]], np.uint8)
    assert flat_share(rows) == 0.5
    assert flat_share(rows[:, :1]) == 0.0


def test_a_page_of_writing_is_taken_for_a_screenshot_and_a_photograph_is_not(photograph):
    page = np.full((300, 400, 3), 255, np.uint8)
    page[::10, 20:200:3] = 0
    assert {remark.oddity for remark in remarks_on_evidence(decoded(page), INFO)} == {Oddity.SCREENSHOT}
    assert remarks_on_evidence(decoded(np.asarray(photograph)), INFO) == ()


def test_a_png_of_a_strongly_compressed_photograph_is_told(photograph):
    remarks = remarks_on_evidence(decoded(compressed(photograph, 10)), INFO)
    assert [remark.oddity for remark in remarks] == [Oddity.RECOMPRESSED]


def test_the_size_is_that_of_the_evidence_and_quality_and_camera_those_that_were_decoded(photograph):
    traits = traits_of(decoded(np.asarray(photograph), format="JPEG", jpeg_quality=42, names_camera=True))
    assert (traits.size, traits.jpeg_quality, traits.names_camera) == (Size(400, 300), 42, True)


def test_weights_that_do_not_say_what_they_were_trained_on_remark_nothing():
    silent = LocalizerInfo("w", "0" * 64, "none", 0.5, "cpu", "numpy", {})
    assert remarks_on_evidence(decoded(np.zeros((8, 8, 3), np.uint8)), silent) == ()
