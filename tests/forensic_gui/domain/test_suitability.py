"""In what an image is unlike the training images, from facts alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forensic_gui.domain.geometry import Size
from forensic_gui.domain.suitability import ImageTraits, Oddity, TrainingDomain, remarks_on

DOMAIN = TrainingDomain(short_side_px=(224, 512), jpeg_quality=(70, 100))
ALIKE = ImageTraits(
    size=Size(640, 480), format="JPEG", jpeg_quality=90, names_camera=True, flat_share=0.05, blockiness=1.1
)


def oddities(domain=DOMAIN, **changes):
    return {remark.oddity for remark in remarks_on(replace(ALIKE, **changes), domain)}


def test_nothing_is_remarked_on_an_image_like_those_of_the_training():
    assert remarks_on(ALIKE, DOMAIN) == ()


def test_nothing_can_be_remarked_where_the_card_does_not_say_what_was_trained_on():
    assert remarks_on(replace(ALIKE, size=Size(9000, 9000), jpeg_quality=1), None) == ()


@pytest.mark.parametrize(
    ("changes", "oddity"),
    [
        ({"size": Size(4000, 3000)}, Oddity.LARGE),
        ({"size": Size(513, 2000)}, Oddity.LARGE),
        ({"size": Size(4000, 223)}, Oddity.SMALL),
        ({"jpeg_quality": 69}, Oddity.LOW_QUALITY),
        ({"format": "PNG", "names_camera": False, "jpeg_quality": None, "size": Size(1170, 2532)}, Oddity.SCREENSHOT),
        ({"flat_share": 0.7}, Oddity.SCREENSHOT),
        ({"format": "PNG", "jpeg_quality": None, "blockiness": 2.0}, Oddity.RECOMPRESSED),
    ],
)
def test_each_difference_is_remarked(changes, oddity):
    assert oddity in oddities(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"size": Size(512, 512)},
        {"size": Size(224, 4000)},
        {"jpeg_quality": 70},
        {"jpeg_quality": None, "format": "TIFF"},
        {"blockiness": 2.0},  # a JPEG has blocks by nature
        {"format": "PNG", "jpeg_quality": None, "names_camera": False, "flat_share": 0.3},
    ],
)
def test_what_lies_on_the_border_or_says_nothing_is_not_remarked(changes):
    assert oddities(**changes) == set()


def test_a_photograph_of_exactly_a_screens_size_is_no_screenshot_where_its_metadata_names_a_camera():
    screen = {"format": "PNG", "jpeg_quality": None, "size": Size(1920, 1080)}
    assert Oddity.SCREENSHOT in oddities(**screen, names_camera=False)
    assert Oddity.SCREENSHOT not in oddities(**screen, names_camera=True)


def test_weights_that_learned_from_screenshots_or_without_compression_remark_neither():
    domain = TrainingDomain(short_side_px=(224, 512), screenshots=True)
    assert oddities(domain, flat_share=0.9, jpeg_quality=5) == set()


def test_the_sentences_say_both_sides_of_the_comparison():
    large, low = remarks_on(replace(ALIKE, size=Size(4000, 3000), jpeg_quality=40), DOMAIN)
    assert large.sentence.startswith(
        "This image has 4000×3000 pixels; the weights were trained on images with a shorter side of 224 to 512: "
    )
    assert "quality of about 40; the weights were trained on 70 to 100" in low.sentence
