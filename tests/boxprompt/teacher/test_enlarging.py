"""Enlarging logits where the mask can be, against SAM's own enlargement of the whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from boxprompt.teacher import enlarging
from boxprompt.teacher.enlarging import enlarge_positive, positive_mask
from boxprompt.torchvision_import import import_segment_anything

SIDE_PX = 1024
sides = st.one_of(st.integers(1, 140), st.integers(100, 1100), st.integers(1000, 2600))


def official_mask(logits: torch.Tensor, *, input_size: tuple[int, int], image_size: tuple[int, int], sam: Any) -> Any:
    return sam.postprocess_masks(logits[None, None], input_size, image_size)[0, 0] > sam.mask_threshold


def input_size_of(image_size: tuple[int, int]) -> tuple[int, int]:
    shape = import_segment_anything().utils.transforms.ResizeLongestSide.get_preprocess_shape(*image_size, SIDE_PX)
    return (max(1, shape[0]), max(1, shape[1]))


@st.composite
def logit_maps(draw: st.DrawFn) -> torch.Tensor:
    """Grains on a slope in a box, not positive elsewhere: regions with torn edges, specks, holes, or nothing at all."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    logits = -np.abs(generator.normal(0, 4, (256, 256)))
    top, left = draw(st.integers(0, 255)), draw(st.integers(0, 255))
    height, width = draw(st.integers(0, 256 - top)), draw(st.integers(0, 256 - left))
    bias = draw(st.floats(-12, 8))
    logits[top : top + height, left : left + width] = generator.normal(bias, 4, (height, width))
    # Coarse steps: many numbers are exactly 0, and many weighted means nearly so.
    steps = draw(st.sampled_from((0.0, 0.5, 4.0)))
    return torch.from_numpy((np.round(logits / steps) * steps if steps else logits).astype(np.float32))


@settings(max_examples=60, deadline=None)
@given(logits=logit_maps(), image_size=st.tuples(sides, sides))
def test_the_mask_is_that_of_the_whole_enlargement_to_the_last_pixel(
    logits: torch.Tensor, image_size: tuple[int, int], small_sam: Any
) -> None:
    input_size = input_size_of(image_size)
    ours = positive_mask(logits, side_px=SIDE_PX, input_size=input_size, image_size=image_size)
    theirs = official_mask(logits, input_size=input_size, image_size=image_size, sam=small_sam)
    assert ours.dtype == torch.bool
    assert torch.equal(ours, theirs)


@settings(max_examples=60, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 300), st.integers(1, 300)),
    # Torch has a kernel of its own for outputs whose sides sum up to 128 or less.
    size=st.one_of(
        st.tuples(st.integers(1, 900), st.integers(1, 900)), st.tuples(st.integers(20, 80), st.integers(20, 80))
    ),
    seed=st.integers(0, 2**32 - 1),
)
def test_what_is_left_out_of_an_interpolation_is_not_positive(
    shape: tuple[int, int], size: tuple[int, int], seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    values = -torch.randn(shape, generator=generator).abs()
    middle = tuple(slice(side // 3, side // 3 + max(1, side // 4)) for side in shape)
    values[middle] = torch.randn(values[middle].shape, generator=generator) + 1
    whole = enlarging._interpolated(values, size)
    part = enlarge_positive(values, size)
    if part is None:
        assert not (whole > 0).any()
        return
    assert torch.equal(part.values.clamp(min=0), whole[part.rows, part.columns].clamp(min=0))
    whole[part.rows, part.columns] = 0
    assert not (whole > 0).any()


@pytest.mark.parametrize("corner", [(0, 0), (0, 255), (191, 0), (191, 255)])
def test_a_single_positive_logit_in_a_corner_is_enlarged_in_a_small_part(corner: tuple[int, int]) -> None:
    logits = torch.full((256, 256), -1.0)
    logits[corner] = 1.0
    part = enlarge_positive(logits, (SIDE_PX, SIDE_PX))
    assert part is not None
    assert part.values.numel() < 32 * 32
    mask = positive_mask(logits, side_px=SIDE_PX, input_size=(768, 1024), image_size=(3000, 4000))
    assert mask[0 if corner[0] == 0 else -1, 0 if corner[1] == 0 else -1]
    assert 0 < mask.sum() < 40 * 40


def test_logits_in_the_padding_alone_give_an_empty_mask_of_the_images_size() -> None:
    logits = torch.full((256, 256), -1.0)
    logits[200:, :] = 1.0
    mask = positive_mask(logits, side_px=SIDE_PX, input_size=(700, 1024), image_size=(1400, 2048))
    assert mask.shape == (1400, 2048)
    assert not mask.any()
