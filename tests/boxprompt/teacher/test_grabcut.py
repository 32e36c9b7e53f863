"""GrabCut as a teacher: what its masks may hold, and the rules that prompts follow."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from boxprompt.errors import PromptError, StoppedError
from boxprompt.teacher.contracts import Stroke, TeacherPrompts
from boxprompt.teacher.grabcut import GrabCut, GrabCutSettings
from boxprompt.teacher.region import find_region

RED, GREEN = (190, 60, 50), (60, 130, 70)


def scene(
    shape: tuple[int, int] = (240, 320), *, inside: tuple[slice, slice] = (slice(80, 170), slice(110, 220))
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """A red thing on green ground, with noise, and where it is."""
    draws = np.random.default_rng(5)
    truth = np.zeros(shape, dtype=np.bool_)
    truth[inside] = True
    colours = np.where(truth[..., None], RED, GREEN) + draws.normal(0, 12, (*shape, 3))
    return np.clip(colours, 0, 255).astype(np.uint8), truth


def iou(mask: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    return float((mask & truth).sum() / (mask | truth).sum())


def points(*xy: tuple[float, float]) -> NDArray[np.float32]:
    return np.array(xy, dtype=np.float32).reshape(-1, 2)


BOX = (95.0, 66.0, 240.0, 190.0)


def test_a_loose_box_becomes_the_thing_in_it() -> None:
    image, truth = scene()
    teacher = GrabCut()
    answer = teacher.decode(teacher.encode(image), TeacherPrompts(box=BOX))
    assert answer.mask.dtype == np.bool_
    assert answer.mask.shape == truth.shape
    assert iou(answer.mask, truth) > 0.97
    assert answer.quality is None
    assert answer.logits is None


def test_a_large_image_is_cut_on_a_grid_and_answered_in_its_own_pixels() -> None:
    image, truth = scene((1203, 1607), inside=(slice(401, 850), slice(551, 1101)))
    teacher = GrabCut()
    answer = teacher.decode(teacher.encode(image), TeacherPrompts(box=(480.0, 330.0, 1200.0, 950.0)))
    assert answer.mask.shape == (1203, 1607)
    assert iou(answer.mask, truth) > 0.97
    # No shift: the thing's edges are met to about a cell of the grid (4 pixels here) on either side.
    rows, columns = np.flatnonzero(answer.mask.any(axis=1)), np.flatnonzero(answer.mask.any(axis=0))
    assert np.abs([rows[0] - 401, rows[-1] - 849, columns[0] - 551, columns[-1] - 1100]).max() <= 4


def test_the_mask_never_leaves_the_box() -> None:
    image, _ = scene()
    half = (95.3, 66.7, 160.2, 190.0)  # cuts through the thing
    teacher = GrabCut()
    mask = teacher.decode(teacher.encode(image), TeacherPrompts(box=half)).mask
    outside = np.ones_like(mask)
    outside[66:190, 95:161] = False
    assert mask.any()
    assert not (mask & outside).any()


def flat() -> NDArray[np.uint8]:
    """An image whose colours tell nothing apart."""
    return np.random.default_rng(4).integers(90, 110, (240, 320, 3), dtype=np.uint8)


def test_the_middle_of_a_box_is_in_the_mask_whatever_the_colours_say() -> None:
    teacher = GrabCut()
    mask = teacher.decode(teacher.encode(flat()), TeacherPrompts(box=BOX)).mask
    assert mask[128, 167]


def test_a_negative_point_in_the_middle_undoes_that_and_a_positive_one_takes_its_place() -> None:
    teacher = GrabCut()
    encoding = teacher.encode(flat())
    middle = points((167.5, 128.5))
    emptied = TeacherPrompts(box=BOX, points=middle, labels=np.array([False]))
    assert not teacher.decode(encoding, emptied).mask[128, 167]
    aside, truth = scene(inside=(slice(75, 180), slice(105, 140)))
    encoding = teacher.encode(aside)
    told = TeacherPrompts(box=BOX, points=points((120, 120)), labels=np.array([True]))
    assert teacher.decode(encoding, TeacherPrompts(box=BOX)).mask[128, 167]
    assert not teacher.decode(encoding, told).mask[128, 167]
    assert iou(teacher.decode(encoding, told).mask, truth) > 0.95


def test_a_finer_grid_meets_the_outline_more_closely() -> None:
    image, truth = scene((1200, 1600), inside=(slice(400, 850), slice(550, 1100)))
    box = TeacherPrompts(box=(480.0, 330.0, 1200.0, 950.0))
    fine, coarse = (
        each.decode(each.encode(image), box).mask for each in (GrabCut(), GrabCut(GrabCutSettings(cells=400)))
    )
    assert iou(fine, truth) > iou(coarse, truth) > 0.7


def test_equal_prompts_are_answered_equally() -> None:
    draws = np.random.default_rng(1)
    image = draws.integers(0, 256, (200, 260, 3), dtype=np.uint8)
    teacher, other = GrabCut(), GrabCut()
    first = teacher.decode(teacher.encode(image), TeacherPrompts(box=BOX)).mask
    again = other.decode(other.encode(image), TeacherPrompts(box=BOX)).mask
    assert np.array_equal(first, again)


def test_a_positive_point_alone_finds_the_thing_around_it() -> None:
    image, truth = scene()
    teacher = GrabCut()
    prompts = TeacherPrompts(points=points((165, 125)), labels=np.array([True]))
    mask = teacher.decode(teacher.encode(image), prompts).mask
    region = find_region(prompts, truth.shape)
    # The region is the point widened by a tenth of the image's longer side.
    assert (region.left, region.top, region.width, region.height) == (133, 93, 64, 64)
    assert mask[125, 165]
    assert not (mask & ~truth).any()


def test_a_negative_point_takes_a_pixel_out_and_wins_over_a_positive_one() -> None:
    image, _ = scene()
    teacher = GrabCut()
    prompts = TeacherPrompts(box=BOX, points=points((150, 120), (150, 120)), labels=np.array([True, False]))
    assert not teacher.decode(teacher.encode(image), prompts).mask[120, 150]


def test_a_positive_stroke_outside_the_box_is_part_of_the_mask_and_nothing_else_there_is() -> None:
    image, _ = scene()
    teacher = GrabCut()
    stroke = Stroke(points((20, 30), (60, 30)), width_px=9.0)
    mask = teacher.decode(teacher.encode(image), TeacherPrompts(box=BOX, strokes=(stroke,))).mask
    assert mask[30, 20:60].all()
    beyond = mask.copy()
    beyond[66:190, 95:240] = False
    rows, columns = np.nonzero(beyond)
    assert rows.min() >= 30 - 6
    assert rows.max() <= 30 + 6
    assert columns.max() <= 60 + 6


def test_a_negative_stroke_through_the_thing_is_left_out() -> None:
    image, _ = scene()
    teacher = GrabCut()
    stroke = Stroke(points((112, 100), (218, 100)), width_px=8.0, positive=False)
    mask = teacher.decode(teacher.encode(image), TeacherPrompts(box=BOX, strokes=(stroke,))).mask
    assert not mask[98:103, 115:215].any()
    assert mask[130:160, 130:200].mean() > 0.95


def test_a_box_of_the_whole_image_still_separates_the_thing_from_the_ground() -> None:
    image, truth = scene()
    teacher = GrabCut()
    mask = teacher.decode(teacher.encode(image), TeacherPrompts(box=(-20.0, -5.0, 400.0, 300.0))).mask
    assert iou(mask, truth) > 0.9


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (37, 1), (3, 3)])
def test_the_smallest_images_are_answered_with_a_mask_of_their_size(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(2).integers(0, 256, (*shape, 3), dtype=np.uint8)
    teacher = GrabCut()
    answer = teacher.decode(teacher.encode(image), TeacherPrompts(box=(0.2, 0.2, 0.9, 0.9)))
    assert answer.mask.shape == shape


@pytest.mark.parametrize(
    "prompts",
    [
        TeacherPrompts(),
        TeacherPrompts(points=points((5, 5)), labels=np.array([False])),
        TeacherPrompts(strokes=(Stroke(points((5, 5)), 3.0, positive=False),)),
    ],
)
def test_prompts_that_do_not_say_where_are_refused(prompts: TeacherPrompts) -> None:
    teacher = GrabCut()
    with pytest.raises(PromptError, match="Nothing says where"):
        teacher.decode(teacher.encode(scene()[0]), prompts)


def test_a_box_beside_the_image_is_refused() -> None:
    teacher = GrabCut()
    with pytest.raises(PromptError, match="outside the image"):
        teacher.decode(teacher.encode(scene()[0]), TeacherPrompts(box=(400.0, 0.0, 500.0, 50.0)))


def test_stopping_is_heard_before_the_cut() -> None:
    teacher = GrabCut()
    encoding = teacher.encode(scene()[0])
    with pytest.raises(StoppedError):
        teacher.decode(encoding, TeacherPrompts(box=BOX), should_stop=lambda: True)
    with pytest.raises(StoppedError):
        teacher.encode(scene()[0], should_stop=lambda: True)


def test_an_encoding_survives_its_arrays() -> None:
    image, _ = scene()
    teacher = GrabCut()
    restored = teacher.restore(teacher.encode(image).to_arrays())
    assert restored.image_size == (240, 320)
    assert restored.nbytes == image.nbytes
    assert np.array_equal(restored.image, image)
    with pytest.raises(ValueError, match="is an image"):
        teacher.restore({"embedding": image})


def test_the_record_states_every_setting() -> None:
    assert GrabCut(GrabCutSettings(iterations=7)).parameters()["iterations"] == 7
    assert GrabCut().weights_sha256 == ""
    assert "no SAM" in GrabCut.name
