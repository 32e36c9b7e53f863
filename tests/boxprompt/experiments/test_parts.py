"""Boxes loosen and nothing else changes, labels survive a kill, heads learn and repeat, differences need agreement."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from boxprompt.data.datasets import DatasetItem
from boxprompt.errors import StoppedError
from boxprompt.experiments.grid import ClaimsGrid, ClaimsRecipe, ComparisonTable
from boxprompt.experiments.material import ImageSet
from boxprompt.experiments.scales import CachedScales, LiveScales, backbone_of, cache_scales, squeezed_views
from boxprompt.experiments.scoring import SetScores, score_maps
from boxprompt.experiments.students import head_parameters, respond, shipped_head, train_student
from boxprompt.experiments.supervision import Labels, boxes_around, fill, has_collapsed, teach
from boxprompt.experiments.tables import RunResult, differences, spread
from boxprompt.network.backbone import SCALE_STRIDES, SCALE_WIDTHS
from boxprompt.network.config import StudentConfig
from boxprompt.teacher.contracts import TeacherMask, TeacherPrompts
from boxprompt.teacher.grabcut import GrabCut
from boxprompt.weights import read_weights

SIDE = 64


def square(size: tuple[int, int] = (60, 80), *, top: int = 20, left: int = 30, side: int = 20) -> np.ndarray:
    mask = np.zeros(size, dtype=np.bool_)
    mask[top : top + side, left : left + side] = True
    return mask


class Pointing(GrabCut):
    """A teacher that answers every box with one pixel in its middle, and counts."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def decode(self, encoding: object, prompts: TeacherPrompts, **_: object) -> TeacherMask:  # type: ignore[override]
        assert prompts.box is not None
        self.asked += 1
        mask = np.zeros(encoding.image_size, dtype=np.bool_)  # type: ignore[attr-defined]
        mask[int(prompts.box[1] + prompts.box[3]) // 2, int(prompts.box[0] + prompts.box[2]) // 2] = True
        return TeacherMask(mask=mask, quality=None)


@pytest.fixture
def images(tmp_path: Path) -> ImageSet:
    """Three images with a square, one without."""
    items = []
    rng = np.random.default_rng(0)
    for number in range(4):
        image, mask = tmp_path / f"image{number}.png", tmp_path / f"mask{number}.png"
        cv2.imwrite(str(image), rng.integers(0, 256, (60, 80, 3), dtype=np.uint8))
        cv2.imwrite(str(mask), square().astype(np.uint8) * 255)
        items.append(
            DatasetItem(f"image{number}", image, mask if number else None, "unstated", frozenset({image.stem}))
        )
    return ImageSet("four", tuple(items), tuple(item.name for item in items))


def test_a_looser_box_holds_the_tighter_one_and_moves_in_proportion() -> None:
    tight, loose, looser = (boxes_around(square(), looseness=share, seed=1, name="a")[0] for share in (0.0, 0.1, 0.2))
    assert tight == (30, 20, 50, 40)
    assert np.allclose(np.subtract(looser, tight), 2 * np.subtract(loose, tight))
    assert loose[0] < tight[0] and loose[3] > tight[3]
    assert boxes_around(square(), looseness=0.1, seed=1, name="b") != (loose,)


def test_every_region_gets_a_box_but_a_speck_gets_none() -> None:
    mask = square() | square(top=45, left=2, side=10)
    mask[0, 79] = True
    boxes = boxes_around(mask, looseness=0.0, seed=0, name="a")
    assert set(boxes) == {(30, 20, 50, 40), (2, 45, 12, 55)}
    assert np.array_equal(fill(boxes[0], mask.shape) | fill(boxes[1], mask.shape), mask & (np.arange(80) < 79))


def test_an_answer_that_spans_too_little_of_its_box_gives_way_to_the_box() -> None:
    box = (30.0, 20.0, 50.0, 40.0)
    assert not has_collapsed(square(), box, looseness=0.0)
    assert has_collapsed(square(side=13), box, looseness=0.0)
    assert not has_collapsed(square(side=13), box, looseness=0.2)
    assert has_collapsed(np.zeros((60, 80), dtype=np.bool_), box, looseness=0.2)
    made, taken = teach(np.zeros((60, 80, 3), np.uint8), [box], teacher=Pointing(), looseness=0.2)
    assert np.array_equal(made, square()) and taken == 1


def test_labelling_that_was_stopped_goes_on_and_asks_nothing_twice(images: ImageSet, tmp_path: Path) -> None:
    teacher = Pointing()
    folder = tmp_path / "labels"
    labels = Labels(images, folder, supervision="grabcut", looseness=0.0, seed=0, teacher=teacher)
    answers = iter([False, False, True])
    with pytest.raises(StoppedError):
        labels.make(should_stop=lambda: next(answers))
    with (folder / "records.jsonl").open("a") as stream:
        stream.write('{"image": "ima')  # a kill in the middle of a line
    facts = labels.make()
    assert teacher.asked == 3 and [one.image for one in facts] == ["image1", "image2", "image3"]
    assert labels.make() == facts or [one.iou for one in labels.make()] == [1.0, 1.0, 1.0]
    assert teacher.asked == 3
    assert all(one.taken == 1 for one in facts)


def test_targets_are_the_share_of_each_squeezed_pixel_and_empty_for_an_untouched_image(
    images: ImageSet, tmp_path: Path
) -> None:
    masks = Labels(images, tmp_path / "m", supervision="mask", looseness=0.2, seed=0, teacher=GrabCut())
    boxes = Labels(images, tmp_path / "b", supervision="box", looseness=0.4, seed=0, teacher=GrabCut())
    assert [one.iou for one in masks.make()] == [1.0, 1.0, 1.0]
    assert all(one.iou < 0.95 and one.taken == 0 for one in boxes.make())
    truth, filled = masks.targets(SIDE), boxes.targets(SIDE)
    assert not truth[0].any() and truth[1:].mean() / 255 == pytest.approx(square().mean(), abs=0.005)
    assert (filled >= truth).all() and filled.sum() > truth.sum()


@pytest.fixture
def told(tmp_path: Path) -> tuple[CachedScales, np.ndarray]:
    """Scales of eight images whose finest channel says plainly where the target is."""
    rng = np.random.default_rng(0)
    targets = np.zeros((8, SIDE, SIDE), dtype=np.uint8)
    for target in targets:
        top, left = rng.integers(0, 8, 2) * 4
        target[top : top + 24, left : left + 24] = 255
    for number, (width, stride) in enumerate(zip(SCALE_WIDTHS, SCALE_STRIDES, strict=True)):
        array = rng.normal(0, 1, (8, SIDE // stride, SIDE // stride, width)).astype(np.float16)
        if number == 0:
            array[..., 0] = targets[:, ::4, ::4] / 255 * 6 - 3
        np.save(tmp_path / f"f{number + 1}.npy", array)
    return CachedScales(tmp_path, side_px=SIDE), targets


RECIPE = ClaimsRecipe(epochs=10, batch_size=4, learning_rate=1e-2, warmup_steps=2, precision="float32")


def test_a_head_learns_what_the_scales_tell_and_repeats_to_the_bit(
    told: tuple[CachedScales, np.ndarray], untrained_weights: Path
) -> None:
    source, targets = told
    weights = read_weights(untrained_weights)
    trained = [
        train_student(
            StudentConfig(), weights=weights, trains="head", source=source, targets=targets, recipe=RECIPE, seed=0
        )
        for _ in range(2)
    ]
    maps = [list(respond(one.student, source)) for one in trained]
    scored = score_maps(maps[0], targets > 127)
    assert trained[0].steps == 20 and min(auc for auc in scored.auc if auc is not None) > 0.95
    assert all(np.array_equal(one, other) for one, other in zip(*maps, strict=True))


def test_the_backbone_moves_only_where_all_is_trained(images: ImageSet, untrained_weights: Path) -> None:
    weights = read_weights(untrained_weights)
    source = LiveScales(squeezed_views(images, side_px=SIDE), weights=weights)
    targets = np.zeros((len(images), SIDE, SIDE), dtype=np.uint8)
    targets[:, 16:40, 16:40] = 255
    begun = backbone_of(weights).state_dict()
    for trains, moves in (("head", False), ("all", True)):
        trained = train_student(
            StudentConfig(use_memory=False),
            weights=weights,
            trains=trains,  # type: ignore[arg-type]
            source=source,
            targets=targets,
            recipe=RECIPE.model_copy(update={"epochs": 2, "warmup_steps": 0}),
            seed=0,
        )
        ended = trained.student.backbone.state_dict()
        assert any(not torch.equal(value, begun[name]) for name, value in ended.items()) is moves
        # Statistics of small batches would replace those of the weights.
        kept = [name for name in begun if "running" in name]
        assert kept and all(torch.equal(ended[name], begun[name]) for name in kept)


def test_cached_scales_are_what_the_backbone_answers_and_give_the_student_s_own_map(
    images: ImageSet, tmp_path: Path, untrained_weights: Path
) -> None:
    weights = read_weights(untrained_weights)
    folder = tmp_path / "scales"
    cached = cache_scales(images, folder, weights=weights, side_px=SIDE, precision="float32")
    before = (folder / "f1.npy").stat().st_mtime_ns
    cache_scales(images, folder, weights=weights, side_px=SIDE, precision="float32")
    assert (folder / "f1.npy").stat().st_mtime_ns == before

    student = shipped_head(weights).eval()
    live = LiveScales(squeezed_views(images, side_px=SIDE), weights=weights)
    assert len(live) == len(cached) == len(images)
    indices = np.array([2, 0])
    with torch.inference_mode():
        asked = live.batch(indices, backbone=student.backbone)
        for scale, read in zip(asked, cached.batch(indices, backbone=student.backbone), strict=True):
            assert torch.allclose(scale, read, rtol=2e-3, atol=2e-3)
        view = torch.randn(2, 3, SIDE, SIDE)
        assert torch.equal(student.from_scales(student.backbone(view), size=(SIDE, SIDE)).logits, student(view).logits)
    maps = zip(respond(student, cached), respond(student, live), strict=True)
    assert all(np.allclose(one, other, atol=1e-3) for one, other in maps)
    assert head_parameters(student) < 0.02 * sum(value.numel() for value in student.parameters())


def test_one_threshold_serves_a_whole_set_and_scores_are_taken_at_the_image_s_size() -> None:
    truths = [square(), square(top=5)]
    perfect = score_maps([truth.astype(np.float32) * 0.4 for truth in truths], truths)
    assert perfect.f1_best == pytest.approx((1, 1)) and perfect.f1_half == (0, 0) and perfect.threshold < 0.4
    halves = score_maps([cv2.resize(truth.astype(np.float32), (40, 30)) for truth in truths], truths)
    assert 0.8 < min(halves.f1_best) <= 1
    assert score_maps([np.ones((4, 4), np.float32)], [np.ones((4, 4), np.bool_)]).auc == (None,)
    kept = SetScores.from_record(perfect.to_record())
    assert kept.f1_best == (1, 1) and kept.auc == perfect.auc and kept.threshold == perfect.threshold
    with pytest.raises(ValueError, match="no images"):
        score_maps([], [])


def result(row: str, seed: int, values: list[float | None]) -> RunResult:
    plain = tuple(value or 0.0 for value in values)
    return RunResult(row, seed, 1, 0.1, 0.5, {"set": SetScores(0.5, plain, plain, tuple(values))})


@pytest.mark.parametrize(
    ("second", "decided"), [([0.6, 0.7, 0.8, 0.6], True), ([0.2, 0.3, 0.4, 0.2], False), ([0.9, 0.1, 0.9, 0.1], False)]
)
def test_a_difference_is_decided_where_images_and_all_seeds_agree(second: list[float], decided: bool) -> None:
    reference = [result("ours", seed, [0.4, 0.5, 0.6, 0.4]) for seed in (0, 1)]
    others = [
        result("other", 0, [0.7, 0.8, 0.9, 0.7]),
        result("other", 1, list(second)),
        result("other", 2, [0, 0, 0, 0]),
    ]
    comparison = ComparisonTable(title="t", reference="ours", others=("other", "absent"))
    found = differences(comparison, [*reference, *others], groups={"set": ["a", "b", "c", "d"]})
    auc = next(one for one in found if one.metric == "auc")
    assert {one.other for one in found} == {"other"} and len(auc.by_seed) == 2
    expected = np.mean([np.subtract(other, [0.4, 0.5, 0.6, 0.4]) for other in ([0.7, 0.8, 0.9, 0.7], second)])
    assert auc.estimate.value == pytest.approx(expected)
    assert auc.is_decided is decided


def test_one_seed_decides_nothing_and_an_image_without_auc_is_left_out() -> None:
    runs = [result("ours", 0, [0.4, None, 0.6]), result("other", 0, [0.5, None, 0.7])]
    comparison = ComparisonTable(title="t", reference="ours", others=("other",))
    auc = next(one for one in differences(comparison, runs, groups={"set": ["a", "b", "c"]}) if one.metric == "auc")
    assert auc.estimate.value == pytest.approx(0.1) and auc.estimate.n == 2 and not auc.is_decided
    assert spread(runs[:1], set_name="set", metric="auc").mean == pytest.approx(0.5)
    assert spread(runs[:1], set_name="set", metric="auc").deviation is None
    both = spread([runs[0], result("ours", 1, [0.6, None, 0.8])], set_name="set", metric="auc")
    assert both.deviation == pytest.approx(np.std([0.5, 0.7], ddof=1))
    assert RunResult.from_record(runs[0].to_record()) == runs[0]


def test_rows_come_comparison_by_comparison_seed_by_seed_and_each_once() -> None:
    grid = ClaimsGrid.model_validate(
        {
            "material": {"weights": "w", "photos": ["p"], "training_count": 1, "test_groups": 1},
            "recipe": {"epochs": 1},
            "seeds": [0, 1],
            "row": [
                {"name": "alone", "supervision": "mask"},
                {"name": "a", "supervision": "mask"},
                {"name": "b", "supervision": "box", "looseness": 0.1, "seeds": [1]},
                {"name": "c", "supervision": "box"},
            ],
            "comparison": [
                {"title": "first", "reference": "a", "others": ["c"]},
                {"title": "second", "reference": "a", "others": ["b"]},
            ],
        }
    )
    runs = [(row.name, seed) for row, seed in grid.runs()]
    assert runs == [("a", 0), ("c", 0), ("a", 1), ("c", 1), ("b", 1), ("alone", 0), ("alone", 1)]
    assert [row.labels for row in grid.row] == ["mask", "mask", "box-10", "box-20"]
