"""An evaluation's figures are those that can be worked out by hand."""

from __future__ import annotations

import json
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from boxprompt.data.datasets import TamperedDataset, UnreadableImageError, read_rgb
from boxprompt.errors import StoppedError
from boxprompt.evaluation.baselines import all_ones
from boxprompt.evaluation.evaluate import edit_size_name, evaluate


def brightness(image):
    """A localizer that is right on this dataset: the edits are what is bright."""
    return (image[..., 0] / 255).astype(np.float32)


def test_a_perfect_localizer_has_perfect_figures(folder):
    scores = evaluate(brightness, TamperedDataset.open(folder), name="brightness").scores
    assert scores.pixel.n == 3
    assert scores.pixel.f1_at_half.value == pytest.approx(1, abs=1e-6)
    assert scores.pixel.iou_at_half.value == pytest.approx(1, abs=1e-6)
    assert scores.pixel.auc.value == 1
    assert scores.pixel.f1_at_best == pytest.approx(1, abs=1e-6)


def test_painting_everything_scores_what_the_sizes_of_the_edits_give(folder):
    scores = evaluate(all_ones, TamperedDataset.open(folder), name="all-ones", threshold=0.25).scores
    expected = [2 * share / (1 + share) for share in (0.1, 0.5, 0.05)]
    assert scores.pixel.f1_at_half.value == pytest.approx(np.mean(expected), abs=1e-6)
    assert scores.pixel.f1_at_threshold.value == pytest.approx(np.mean(expected), abs=1e-6)
    assert scores.pixel.iou_at_half.value == pytest.approx(np.mean([0.1, 0.5, 0.05]), abs=1e-6)
    assert (scores.pixel.auc.value, scores.pixel.auc.low, scores.pixel.auc.high) == (0.5, 0.5, 0.5)
    assert (scores.untouched.n, scores.untouched.pixels.value, scores.untouched.images.value) == (2, 1, 1)
    assert scores.image_auc == {"highest": 0.5, "top_mean": 0.5, "mean": 0.5}


def test_figures_are_told_by_kind_and_by_size_of_the_edit(folder):
    scores = evaluate(all_ones, TamperedDataset.open(folder), name="all-ones").scores
    assert {kind: one.n for kind, one in scores.by_kind.items()} == {"copy-move": 1, "splice": 2}
    assert {size: one.n for size, one in scores.by_edit_size.items()} == {"5-20 %": 2, ">=20 %": 1}
    assert scores.by_edit_size[">=20 %"].f1_at_half.value == pytest.approx(2 / 3, abs=1e-6)
    assert scores.by_kind["copy-move"].f1_at_best == pytest.approx(0.1 / 1.05, abs=1e-6)


@pytest.mark.parametrize(
    ("share", "name"), [(0.0099, "<1 %"), (0.01, "1-5 %"), (0.05, "5-20 %"), (0.2, ">=20 %"), (1.0, ">=20 %")]
)
def test_an_edit_on_the_border_of_two_sizes_counts_as_the_larger(share, name):
    assert edit_size_name(share) == name


def test_the_best_threshold_is_one_for_all_images_and_the_lowest_of_equals(folder):
    def faint(image):
        return brightness(image) * np.float32(0.2)

    scores = evaluate(faint, TamperedDataset.open(folder), name="faint").scores
    assert scores.pixel.f1_at_half.value == 0
    # Bright pixels score 200/255 * 0.2 = 0.157, dark ones 60/255 * 0.2 = 0.047: the grid's first over them is 0.048.
    assert scores.best_threshold == 0.048
    assert scores.pixel.f1_at_best == pytest.approx(1, abs=1e-6)


def test_untouched_images_are_flagged_at_the_given_threshold_and_never_enter_f1(folder):
    scores = evaluate(brightness, TamperedDataset.open(folder), name="brightness").scores
    assert scores.untouched.images.value == 0.5  # one of the two is bright all over
    assert scores.untouched.pixels.value == 0.5
    assert scores.manipulated.images.value == 1
    assert scores.pixel.f1_at_half.n == 3


def test_scores_are_taken_at_the_images_own_size_and_a_map_of_another_is_refused(folder):
    def too_small(image):
        return np.zeros((4, 4), np.float32)

    with pytest.raises(ValueError, match="ground truth is"):
        evaluate(too_small, TamperedDataset.open(folder), name="small")


def test_rows_hold_one_line_an_image_and_group_those_that_share_a_source(folder):
    rows = evaluate(brightness, TamperedDataset.open(folder), name="brightness").rows
    assert [row.kind for row in rows] == ["splice", "splice", "copy-move", "untouched", "untouched"]
    assert [row.edit_share for row in rows] == [0.1, 0.5, 0.05, 0, 0]
    assert [row.group == rows[0].group for row in rows] == [True, True, False, True, False]
    assert [row.auc for row in rows] == [1, 1, 1, None, None]
    assert rows[3].f1_at_half is rows[3].iou_at_threshold is None
    assert list(rows[0].as_mapping())[:3] == ["localizer", "image", "kind"]


def test_scores_are_json_without_nan_even_of_untouched_images_alone(folder):
    alone = TamperedDataset(name="alone", items=TamperedDataset.open(folder).untouched)
    scores = evaluate(brightness, alone, name="brightness").scores
    record = json.loads(json.dumps(scores.as_json(), allow_nan=False))
    assert record["pixel"]["f1_at_half"] == {"value": None, "low": None, "high": None, "n": 0}
    assert record["best_threshold"] is record["pixel"]["f1_at_best"] is record["image_auc"]["mean"] is None
    assert record["untouched"]["n"] == 2


def test_an_image_that_is_manipulated_all_over_has_no_auc_and_leaves_the_others_theirs(folder):
    mask = folder / "Gt" / "Sp_S_NRN_A_art0009_art0009_0003.png"
    Image.new("L", (20, 20), 255).save(mask)
    scores = evaluate(brightness, TamperedDataset.open(folder), name="brightness").scores
    assert (scores.pixel.n, scores.pixel.auc.n, scores.pixel.auc.value) == (3, 2, 1)


def test_an_unreadable_image_is_named_and_the_rest_is_scored(folder):
    told = []

    def read(path):
        if path.stem == "Au_nat_0007":
            raise UnreadableImageError("No.")
        return read_rgb(path)

    scores = evaluate(
        brightness, TamperedDataset.open(folder), name="b", read=read, progress=lambda **event: told.append(event)
    ).scores
    assert [(one.image, one.reason) for one in scores.failed] == [("Au_nat_0007.png", "No.")]
    assert scores.untouched.n == 1
    assert [event["done"] for event in told] == [1, 2, 3, 4, 5]
    assert [bool(event["failure"]) for event in told] == [False] * 4 + [True]


def test_a_file_that_vanished_is_named(folder):
    dataset = TamperedDataset.open(folder)
    (folder / "Au" / "Au_nat_0007.png").unlink()
    failed = evaluate(brightness, dataset, name="b").scores.failed
    assert "Au_nat_0007.png cannot be read" in failed[0].reason


def test_a_mask_that_marks_nothing_is_named_instead_of_counted_as_a_miss(folder):
    Image.new("L", (20, 20), 0).save(folder / "Gt" / "Sp_S_NRN_A_art0009_art0009_0003.png")
    scores = evaluate(brightness, TamperedDataset.open(folder), name="b").scores
    assert "marks nothing" in scores.failed[0].reason
    assert scores.pixel.n == 2


def test_a_decoder_that_turns_images_cannot_shift_them_against_their_masks(folder):
    path = folder / "Tp" / "Sp_S_NRN_A_art0009_art0009_0003.png"
    for one in (path, folder / "Gt" / path.name):
        Image.open(one).resize((20, 10)).save(one)

    def turned(image_path):
        return np.ascontiguousarray(read_rgb(image_path).swapaxes(0, 1))

    failed = evaluate(brightness, TamperedDataset.open(folder), name="b", read=turned).scores.failed
    assert [(one.image, "10x20 pixels" in one.reason) for one in failed] == [(path.name, True)]


def test_an_evaluation_stops_before_the_next_image_when_asked(folder):
    answers = iter([False, False, True])
    with pytest.raises(StoppedError, match="after 2 of 5"):
        evaluate(brightness, TamperedDataset.open(folder), name="b", should_stop=lambda: next(answers))


def test_a_threshold_outside_the_scale_is_refused(folder):
    with pytest.raises(ValueError, match="threshold"):
        evaluate(brightness, TamperedDataset.open(folder), name="b", threshold=1.5)


def test_the_fingerprint_tells_other_pixels_apart_and_nothing_else(folder):
    def fingerprint():
        return evaluate(all_ones, TamperedDataset.open(folder), name="a").scores.dataset_sha256

    before = fingerprint()
    assert fingerprint() == before
    Image.new("RGB", (20, 20), (61, 60, 60)).save(folder / "Au" / "Au_ani_0001.png")
    assert fingerprint() != before


def test_memory_does_not_grow_with_the_number_of_images(folder):
    side = 300
    for index in range(20):
        Image.new("RGB", (side, side)).save(folder / "Au" / f"more{index:02d}.png")
    dataset = TamperedDataset.open(folder)
    evaluate(all_ones, dataset, name="warm")

    def peak(count):
        tracemalloc.start()
        evaluate(all_ones, TamperedDataset(name="d", items=dataset.untouched[-count:]), name="a")
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(20) - peak(2) < side * side * 4  # less than one more score map
