"""A mask is the set of pixels it was made of: through runs, texts, algebra, crops and patches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from pycocotools import mask as coco

from forensic_gui.domain import runs
from forensic_gui.domain.geometry import Size
from forensic_gui.domain.mask import Mask, MaskPatch, PixelBox

Array = NDArray[np.bool_]

shapes = hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12)
# Halves alone would hardly ever be a whole column, an empty mask or a full one.
arrays = shapes.flatmap(
    lambda shape: st.one_of(
        hnp.arrays(np.bool_, shape), hnp.arrays(np.bool_, shape, elements=st.sampled_from([True] * 9 + [False]))
    )
)
pairs = shapes.flatmap(lambda shape: st.tuples(hnp.arrays(np.bool_, shape), hnp.arrays(np.bool_, shape)))


@st.composite
def boxed(draw: st.DrawFn) -> tuple[Array, PixelBox]:
    """An array, and a box within it."""
    inside = draw(arrays)
    height, width = inside.shape
    left, top = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    return inside, PixelBox(left, top, draw(st.integers(1, width - left)), draw(st.integers(1, height - top)))


@given(arrays)
def test_a_mask_gives_back_the_pixels_it_was_made_of(inside: Array) -> None:
    mask = Mask.of(inside)
    again = mask.to_array()
    assert np.array_equal(again, inside)
    assert again.flags.c_contiguous
    assert again.flags.writeable
    assert (mask.area, mask.is_empty) == (int(inside.sum()), not inside.any())
    assert Mask.of_lengths(mask.size, mask.lengths.tolist()) == mask


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # inside pycocotools' decoder
@given(arrays)
def test_the_text_is_that_of_coco_both_ways(inside: Array) -> None:
    theirs = coco.encode(np.asfortranarray(inside, dtype=np.uint8))["counts"].decode("ascii")
    mask = Mask.of(inside)
    assert mask.to_text() == theirs
    assert Mask.from_text(mask.size, theirs) == mask
    decoded = coco.decode({"size": list(inside.shape), "counts": mask.to_text().encode("ascii")})
    assert np.array_equal(decoded.astype(bool), inside)


def test_the_text_of_long_runs_is_that_of_coco() -> None:
    inside = np.zeros((1200, 900), bool)
    inside[17:1100, 3:871] = True
    inside[400:500, 300:310] = False
    theirs = coco.encode(np.asfortranarray(inside, dtype=np.uint8))["counts"].decode("ascii")
    assert Mask.of(inside).to_text() == theirs
    assert np.array_equal(Mask.from_text(Size(900, 1200), theirs).to_array(), inside)


@given(arrays)
def test_bounds_hold_every_pixel_and_no_empty_border(inside: Array) -> None:
    bounds = Mask.of(inside).bounds
    if bounds is None:
        assert not inside.any()
        return
    part = inside[bounds.slices]
    assert part.sum() == inside.sum()
    assert part[0].any() and part[-1].any() and part[:, 0].any() and part[:, -1].any()
    assert bounds.size.shape == part.shape


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda a, b: a | b, np.logical_or),
        (lambda a, b: a & b, np.logical_and),
        (lambda a, b: a ^ b, np.logical_xor),
        (lambda a, b: a - b, lambda a, b: a & ~b),
    ],
)
@given(pair=pairs)
def test_algebra_is_that_of_sets(
    ours: Callable[[Mask, Mask], Mask], theirs: Callable[[Array, Array], Array], pair: tuple[Array, Array]
) -> None:
    assert ours(Mask.of(pair[0]), Mask.of(pair[1])) == Mask.of(theirs(*pair))


@given(pairs)
def test_iou_is_shared_pixels_by_all_pixels(pair: tuple[Array, Array]) -> None:
    one, other = pair
    union = int((one | other).sum())
    assert Mask.of(one).iou(Mask.of(other)) == (int((one & other).sum()) / union if union else 1.0)


@given(boxed())
def test_a_crop_is_the_part_of_the_array(case: tuple[Array, PixelBox]) -> None:
    inside, box = case
    assert Mask.of(inside).crop(box) == Mask.of(inside[box.slices])


@given(boxed(), st.integers(0, 2**32 - 1))
def test_a_part_takes_the_place_of_its_box(case: tuple[Array, PixelBox], seed: int) -> None:
    inside, box = case
    part = np.random.default_rng(seed).random(box.size.shape) < 0.5
    expected = inside.copy()
    expected[box.slices] = part
    assert Mask.of(inside).with_part(Mask.of(part), left=box.left, top=box.top) == Mask.of(expected)


@given(pairs)
def test_a_patch_leads_from_one_mask_to_the_other_and_its_inverse_back(pair: tuple[Array, Array]) -> None:
    before, after = map(Mask.of, pair)
    patch = MaskPatch.between(before, after)
    if patch is None:
        assert before == after
        return
    assert patch.apply(before) == after
    assert patch.inverse.apply(after) == before
    assert patch.inverse.inverse == patch
    assert patch.box == (before ^ after).bounds


def test_a_patch_refuses_a_mask_that_it_was_not_made_on() -> None:
    size = Size(4, 3)
    patch = MaskPatch.between(Mask.empty(size), Mask.full(size))
    assert patch is not None
    with pytest.raises(ValueError, match="another mask"):
        patch.apply(Mask.full(size))
    with pytest.raises(ValueError, match="within"):
        patch.apply(Mask.empty(Size(3, 3)))
    with pytest.raises(ValueError, match="one size"):
        MaskPatch(0, 0, Mask.empty(size), Mask.empty(Size(1, 1)))


@pytest.mark.parametrize(
    "box", [PixelBox(-1, 0, 2, 2), PixelBox(0, 0, 5, 1), PixelBox(0, 0, 0, 1), PixelBox(0, 2, 1, 2)]
)
def test_a_crop_outside_the_image_or_of_nothing_is_refused(box: PixelBox) -> None:
    with pytest.raises(ValueError, match="within"):
        Mask.full(Size(4, 3)).crop(box)


def test_masks_of_different_sizes_do_not_meet() -> None:
    with pytest.raises(ValueError, match="do not meet"):
        Mask.full(Size(4, 3)) | Mask.full(Size(3, 4))


@pytest.mark.parametrize("array", [np.zeros((2, 2), np.uint8), np.zeros((2, 2, 1), bool)])
def test_a_mask_is_made_of_booleans_in_two_axes(array: Any) -> None:
    with pytest.raises(ValueError, match="bool"):
        Mask.of(array)


@pytest.mark.parametrize("lengths", [[5], [-1, 7], [2, 3], []])
def test_runs_that_do_not_cover_the_image_are_refused(lengths: list[int]) -> None:
    with pytest.raises(ValueError):
        Mask.of_lengths(Size(3, 2), lengths)


def test_an_empty_run_within_is_refused_as_it_is_and_joined_where_asked() -> None:
    with pytest.raises(ValueError, match="none empty"):
        Mask(Size(3, 2), np.array([1, 0, 5], "<u4").tobytes())
    assert Mask.of_lengths(Size(3, 2), [1, 0, 2, 3]) == Mask.of_lengths(Size(3, 2), [3, 3])
    assert Mask.of_lengths(Size(3, 2), [0, 6, 0]) == Mask.full(Size(3, 2))


@pytest.mark.parametrize("text", ["", "~", "P", "0\x7f", "é", "11111111"])
def test_a_damaged_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Mask.from_text(Size(3, 2), text)


def test_a_large_mask_is_turned_tile_by_tile() -> None:
    inside = np.random.default_rng(7).random((300, 517)) < 0.5
    assert np.array_equal(runs.transposed(inside), inside.T)
    assert np.array_equal(Mask.of(inside).to_array(), inside)


def test_an_empty_part_takes_everything_out_of_its_box() -> None:
    assert Mask.full(Size(4, 3)).with_part(Mask.empty(Size(4, 3)), left=0, top=0) == Mask.empty(Size(4, 3))


def test_a_mask_is_made_of_columns_and_gives_them_back() -> None:
    inside = np.random.default_rng(9).random((31, 45)) < 0.4
    columns = np.ascontiguousarray(inside.T)
    assert Mask.of_columns(columns) == Mask.of(inside)
    assert np.array_equal(Mask.of(inside).to_columns(), columns)
