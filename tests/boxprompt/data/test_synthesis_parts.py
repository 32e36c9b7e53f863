"""Regions, pastes, fills and histories, each by itself."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from boxprompt.data import degrade
from boxprompt.data.synthesis import EditConfig, HistoryConfig, SynthesisConfig, histories, paste, regions
from boxprompt.data.synthesis.fills import fill

SHAPES = ("superpixel", "flood", "grabcut", "blob", "polygon", "ellipse", "rectangle")


def only(shape: str, **changes: object) -> EditConfig:
    """Edits that cut nothing but `shape`."""
    return dataclasses.replace(EditConfig(), **{name: float(name == shape) for name in SHAPES}, **changes)


def square(size: tuple[int, int] = (120, 160), *, top: int = 30, left: int = 40, side: int = 40) -> np.ndarray:
    mask = np.zeros(size, dtype=np.bool_)
    mask[top : top + side, left : left + side] = True
    return mask


@pytest.mark.parametrize("shape", SHAPES)
def test_a_region_has_about_the_area_asked_for(make_picture, shape):
    picture = make_picture(20)
    ratios = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        region = regions.draw_region(rng, picture, area_px=9000, centre=(180, 240), config=only(shape))
        assert region.mask.shape == picture.shape[:2]
        ratios.append(region.area_px / 9000)
    assert 0.6 < np.median(ratios) < 1.6
    assert min(ratios) > 0.15 and max(ratios) < 4


@pytest.mark.parametrize("shape", SHAPES)
def test_a_region_may_be_cut_by_the_border(make_picture, shape):
    picture = make_picture(21)
    region = regions.draw_region(np.random.default_rng(3), picture, area_px=6000, centre=(2, 478), config=only(shape))
    rows, columns = np.nonzero(region.mask)
    assert rows.mean() < 120 and columns.mean() > 360


def test_superpixel_regions_follow_the_picture_and_blobs_do_not(make_picture):
    picture = np.full((240, 320, 3), 60, dtype=np.uint8)
    picture[60:180, 80:240] = 190
    purity = []
    for shape in ("superpixel", "blob"):
        masks = [
            regions.draw_region(
                np.random.default_rng(s), picture, area_px=19_200, centre=(120, 160), config=only(shape)
            ).mask
            for s in range(8)
        ]
        purity.append(np.mean([picture[m][:, 0].mean() for m in masks]))
    assert purity[0] > 180 > purity[1]


def test_objects_respect_the_areas_allowed():
    labels = np.zeros((100, 100), np.uint8)
    labels[:10, :10] = 7
    labels[50:, 50:] = 9
    for seed in range(10):
        small = regions.draw_object(np.random.default_rng(seed), labels, largest_px=500)
        large = regions.draw_object(np.random.default_rng(seed), labels, smallest_px=2000, largest_px=2550)
        assert small is not None and small.area_px == 100
        assert large is not None and large.area_px == 2500
    assert regions.draw_object(np.random.default_rng(0), labels, smallest_px=9000) is None
    assert regions.draw_object(np.random.default_rng(0), np.zeros((9, 9), np.uint8)) is None


def test_a_hard_paste_copies_exactly_the_masked_pixels(make_picture):
    host, donor = make_picture(22, size=(120, 160)), make_picture(23, size=(120, 160))
    source = square()
    piece = paste.cut(donor, source)
    corner = paste.corner_for(piece, centre=(70 + 19.5, 90 + 19.5))
    image, mask = paste.stamp(host, piece, corner=corner, finish=paste.Finish("hard"))
    np.testing.assert_array_equal(mask, square(top=70, left=90))
    np.testing.assert_array_equal(image[mask], donor[source])
    np.testing.assert_array_equal(image[~mask], host[~mask])


@pytest.mark.parametrize("feather_px", [1.0, 3.0, 5.0])
def test_a_feathered_paste_changes_nothing_beyond_its_edge(make_picture, feather_px):
    host, donor = make_picture(24, size=(120, 160)), 255 - make_picture(24, size=(120, 160))
    piece = paste.cut(donor, square())
    image, mask = paste.stamp(host, piece, corner=(22, 32), finish=paste.Finish("feather", feather_px=feather_px))
    assert np.count_nonzero(mask ^ square()) <= 4 * feather_px + 1
    far = ~regions.grow(mask, margin_px=8)
    np.testing.assert_array_equal(image[far], host[far])
    inner = regions.grow(mask, margin_px=-8)
    np.testing.assert_allclose(image[inner].astype(int), donor[inner].astype(int), atol=4)


def test_a_strand_thinner_than_its_soft_edge_stays_in_the_mask(make_picture):
    host = make_picture(24, size=(120, 160))
    strand = np.zeros((120, 160), np.bool_)
    strand[20:100, 60:62] = True
    finish = paste.Finish("feather", feather_px=5.0)
    image, mask = paste.stamp(host, paste.cut(255 - host, strand), corner=(12, 52), finish=finish)
    np.testing.assert_array_equal(mask, strand)
    changed = (image != host).any(axis=2)
    assert not changed[~regions.grow(mask, margin_px=8)].any()


def test_a_paste_over_the_border_keeps_what_is_inside(make_picture):
    host, donor = make_picture(25, size=(120, 160)), make_picture(26, size=(120, 160))
    piece = paste.cut(donor, square())
    image, mask = paste.stamp(host, piece, corner=(-28, -28), finish=paste.Finish("hard"))
    np.testing.assert_array_equal(mask, square(top=0, left=0, side=20))
    np.testing.assert_array_equal(image[:20, :20], donor[50:70, 60:80])
    assert paste.visible_px(piece, corner=(-28, -28), size=(120, 160)) == 400


def test_a_poisson_paste_is_not_shifted_and_stays_inside_its_mask(make_picture):
    host = make_picture(27, size=(120, 160))
    # A constant offset vanishes in the gradient domain, so an unshifted clone gives the host back.
    donor = np.clip(host.astype(int) + 12, 0, 255).astype(np.uint8)
    rng = np.random.default_rng(0)
    blob = regions.draw_region(rng, host, area_px=2000, centre=(60, 80), config=only("blob")).mask
    piece = paste.cut(donor, blob)
    top, left, *_ = regions.bounds(blob)
    corner = (top - paste.MARGIN_PX, left - paste.MARGIN_PX)
    image, mask = paste.stamp(host, piece, corner=corner, finish=paste.Finish("poisson"))
    np.testing.assert_array_equal(mask, blob)
    np.testing.assert_array_equal(image[~mask], host[~mask])
    unshifted = np.abs(image[mask].astype(int) - host[mask]).mean()
    shifted = np.abs(np.roll(host, 1, axis=1)[mask].astype(int) - host[mask]).mean()
    assert unshifted < 3 < shifted


def test_a_colour_match_draws_a_piece_towards_its_place():
    host = np.full((120, 160, 3), (40, 90, 160), dtype=np.uint8)
    donor = np.full((120, 160, 3), (200, 60, 50), dtype=np.uint8)
    piece = paste.cut(donor, square())
    finish = paste.Finish("hard", colour_match=1.0)
    image, mask = paste.stamp(host, piece, corner=(22, 32), finish=finish)
    np.testing.assert_allclose(image[mask].mean(axis=0), (40, 90, 160), atol=4)


@pytest.mark.parametrize("how", ["clone_fill", "inpaint_fill", "smooth_fill"])
def test_a_fill_replaces_the_thing_and_nothing_else(make_picture, how):
    host = make_picture(28, size=(240, 320))
    target = square((240, 320), top=90, left=120, side=50)
    host[target] = (255, 0, 255)
    weights = {name: float(name == how) for name in ("clone_fill", "inpaint_fill", "smooth_fill")}
    config = dataclasses.replace(EditConfig(), **weights, feather_px=(1, 1.5))
    image, mask, record = fill(np.random.default_rng(1), host, regions.grow(target, margin_px=3), config=config)
    assert record["fill"] == how.removesuffix("_fill")
    far = ~regions.grow(mask, margin_px=5)
    np.testing.assert_array_equal(image[far], host[far])
    magenta = (np.abs(image.astype(int) - (255, 0, 255)).max(axis=2) < 60) & target
    assert magenta.mean() < 0.1 * target.mean()


def test_a_patch_fill_without_a_clear_patch_gives_way_to_inpainting(make_picture):
    target = np.zeros((100, 100), np.bool_)
    target[5:95, 5:95] = True
    config = dataclasses.replace(EditConfig(), clone_fill=1.0, inpaint_fill=0.0, smooth_fill=0.0)
    *_, record = fill(np.random.default_rng(0), make_picture(29, size=(100, 100)), target, config=config)
    assert record["fill"] == "inpaint"


def test_a_history_replays_from_its_json_record(make_picture):
    picture = make_picture(30, size=(160, 200))
    mask = square((160, 200))
    for seed in range(40):
        rng = np.random.default_rng(seed)
        route, factor = histories.draw_route(rng, HistoryConfig())
        steps = histories.draw_post(rng, HistoryConfig(), size=(160, 200), route=route, factor=factor)
        steps = (*histories.draw_prior(rng, HistoryConfig(scene_share=1), size=(160, 200)), *steps)
        records = json.loads(json.dumps([step.record() for step in steps]))
        again = [histories.Step(record.pop("step"), record) for record in records]
        first, second = (histories.apply(picture, chain, mask=mask) for chain in (steps, again))
        np.testing.assert_array_equal(first.image, second.image)
        assert first.image.shape[:2] == first.mask.shape
        assert first.encoded == second.encoded


def test_the_mask_follows_rescaling_and_cropping_to_the_pixel():
    image = np.zeros((120, 160, 3), np.uint8)
    image[square()] = 255
    steps = (
        histories.Step("rescale", {"rows": 180, "columns": 240, "interpolation": "nearest"}),
        histories.Step("crop", {"top": 5, "left": 3}),
        histories.Step("rescale", {"rows": 90, "columns": 120, "interpolation": "nearest"}),
    )
    done = histories.apply(image, steps, mask=square())
    np.testing.assert_array_equal(done.mask, done.image[..., 0] > 127)


def test_bytes_are_kept_only_when_compression_came_last(make_picture):
    picture = make_picture(31, size=(64, 64))
    compress = histories.Step("jpeg", {"quality": 80, "subsampling": "4:2:0", "shift": (0, 0)})
    crop = histories.Step("crop", {"top": 1, "left": 2})
    done = histories.apply(picture, (crop, compress))
    assert done.encoded is not None
    np.testing.assert_array_equal(degrade.decode_rgb(done.encoded), done.image)
    assert histories.apply(picture, (compress, crop)).encoded is None
    assert histories.apply(picture, ()).encoded is None


def test_a_configuration_survives_its_table():
    config = SynthesisConfig(removal=0.5, edits=EditConfig(area=(0.01, 0.1)))
    table = json.loads(json.dumps(config.to_mapping()))
    assert SynthesisConfig.from_mapping(table) == config
    assert SynthesisConfig.from_mapping({}) == SynthesisConfig()


@pytest.mark.parametrize(
    "table",
    [
        {"splise": 1},
        {"edits": {"areas": [0, 1]}},
        {"splice": -1},
        {"authentic": 0, "splice": 0, "copy_move": 0, "removal": 0},
        {"histories": {"untouched_share": 1.5}},
        {"edits": {"area": [0.4, 0.1]}},
        {"histories": {"jpeg_counts": [0, 0, 0]}},
    ],
)
def test_a_table_that_cannot_be_drawn_from_is_refused(table):
    with pytest.raises(ValueError):
        SynthesisConfig.from_mapping(table)
