"""Robustness is measured against the same images as they are."""

from __future__ import annotations

import numpy as np
import pytest

from boxprompt.data import degrade
from boxprompt.data.datasets import TamperedDataset, UnreadableImageError, read_rgb
from boxprompt.data.degrade import Degradation
from boxprompt.errors import StoppedError
from boxprompt.evaluation import Plan, Subject, evaluate_folder
from boxprompt.evaluation.baselines import all_ones, centred_gaussian
from boxprompt.evaluation.robustness import conditions, seed_of


def brightness(image):
    return (image[..., 0] / 255).astype(np.float32)


def dark(image, seed):
    return np.full_like(image, 20)


def larger(image, seed):
    return degrade.resize(image, size=(31, 43), interpolation="nearest")


DARK = Degradation("dark", 1, dark)
LARGER = Degradation("resize", 2.1, larger)
BRIGHT = (Subject(name="bright", localize=brightness),)


def by_name(evaluation):
    return {one.name: one for one in evaluation.scores.robustness.conditions}


def test_the_grid_is_the_benchmarks_with_the_undegraded_image_once():
    names = [f"{cell.family} {cell.level}" for cell in conditions()]
    assert len(names) == len(set(names)) == 25
    assert "blur 0" not in names and "blur 23" in names and "jpeg 50" in names and "noise 3" in names


def test_what_a_degradation_costs_is_told_against_the_undegraded(folder):
    found = by_name(evaluate_folder(folder, subjects=BRIGHT, plan=Plan(cells=(DARK,))).evaluations[0])
    assert list(found) == ["undegraded", "dark 1"]
    assert found["undegraded"].f1_at_threshold.value == pytest.approx(1, abs=1e-6)
    assert found["dark 1"].f1_at_threshold.value == 0
    assert (found["dark 1"].f1_lost.value, found["dark 1"].f1_lost.low) == (1, 1)
    assert found["dark 1"].auc.value == 0.5 and found["dark 1"].auc_change.value == -0.5
    # One of the two untouched images is bright as it is; darkened, neither is flagged.
    assert (found["undegraded"].untouched.images.value, found["dark 1"].untouched.images.value) == (0.5, 0)


def test_a_map_of_a_resized_image_comes_back_to_the_truths_size(folder):
    found = by_name(evaluate_folder(folder, subjects=BRIGHT, plan=Plan(cells=(LARGER,))).evaluations[0])
    # A border may shift by half a pixel of the coarser grid; edits of one row have much border.
    assert found["resize 2.1"].f1_at_threshold.value > 0.85
    assert found["resize 2.1"].auc.value > 0.99


def test_all_of_the_real_grid_is_measured_and_counted(folder):
    told = []
    plan = Plan(cells=conditions(), limit=3)
    subjects = (*BRIGHT, Subject(name="ones", localize=all_ones))
    result = evaluate_folder(
        folder, subjects=subjects, plan=plan, progress=lambda **event: told.append((event["done"], event["total"]))
    )
    assert told[:6] == [(done, 3 * 2 * 26) for done in range(1, 7)]
    assert told[-1] == (3 * 2 * 26, 3 * 2 * 26)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    rows = list(result.rows())
    assert len(rows) == 3 * 2 * 26
    assert {row["condition"] for row in rows} == set(by_name(result.evaluations[0]))
    assert len({frozenset(row) for row in rows}) == 1


def test_noise_is_that_of_the_image_and_condition_whatever_else_is_measured(folder):
    noise = tuple(cell for cell in conditions() if cell.family == "noise")

    def means(plan):
        rows = evaluate_folder(folder, subjects=BRIGHT, plan=plan).rows()
        return {(row["image"], row["condition"]): row["mean"] for row in rows}

    everything, part = means(Plan(cells=noise)), means(Plan(cells=noise[::-2], limit=2))
    assert len(part) == 2 * 4
    assert all(everything[key] == value for key, value in part.items())


def test_seeds_differ_by_image_and_by_condition(folder):
    items = TamperedDataset.open(folder).items
    seeds = {seed_of(item, name) for item in items for name in ("noise 3", "noise 7")}
    assert len(seeds) == 2 * len(items)
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_images_that_failed_are_not_tried_again(folder):
    asked = []

    def read(path):
        asked.append(path.name)
        if path.stem == "Au_nat_0007":
            raise UnreadableImageError("No.")
        return read_rgb(path)

    told = []
    result = evaluate_folder(
        folder, subjects=BRIGHT, plan=Plan(cells=(DARK,)), read=read, progress=lambda **event: told.append(event)
    )
    assert asked.count("Au_nat_0007.png") == 1
    assert [one.image for one in result.failed] == ["Au_nat_0007.png"]
    assert (told[-1]["done"], told[-1]["total"]) == (10, 10)
    assert len(list(result.rows())) == 8


def test_an_image_that_vanished_meanwhile_ends_the_run(folder):
    seen = []

    def read(path):
        seen.append(path)
        if seen.count(path) > 1:
            raise UnreadableImageError(f"{path.name} is gone.")
        return read_rgb(path)

    with pytest.raises(UnreadableImageError, match="is gone"):
        evaluate_folder(folder, subjects=BRIGHT, plan=Plan(cells=(DARK,)), read=read)


def test_the_grid_stops_before_the_next_condition_when_asked(folder):
    answers = iter([False] * 7 + [True])
    with pytest.raises(StoppedError, match="after 2 of 10 measurements"):
        evaluate_folder(folder, subjects=BRIGHT, plan=Plan(cells=(DARK, LARGER)), should_stop=lambda: next(answers))


def test_a_localizer_whose_map_has_not_the_degraded_images_size_is_refused(folder):
    def fixed(image):
        return np.zeros((20, 20), np.float32)

    with pytest.raises(ValueError, match="for an image of"):
        evaluate_folder(folder, subjects=(Subject(name="fixed", localize=fixed),), plan=Plan(cells=(LARGER,)))


def test_what_learnt_nothing_loses_nothing(folder):
    subjects = (Subject(name="centre", localize=centred_gaussian),)
    found = by_name(evaluate_folder(folder, subjects=subjects, plan=Plan(cells=(DARK,))).evaluations[0])
    assert found["dark 1"].f1_lost.value == found["dark 1"].auc_change.value == 0


def test_a_localizer_without_a_hit_has_nothing_to_lose(folder):
    def silent(image):
        return np.zeros(image.shape[:2], np.float32)

    result = evaluate_folder(folder, subjects=(Subject(name="silent", localize=silent),), plan=Plan(cells=(DARK,)))
    assert by_name(result.evaluations[0])["dark 1"].f1_lost.value is None
    assert "| dark 1 | 0.000 [0.000, 0.000] | – |" in result.markdown()


def test_maps_made_elsewhere_have_no_robustness(folder):
    with pytest.raises(ValueError, match="robustness"):
        Plan(predictions={"other": folder}, cells=(DARK,))


def test_a_sharing_services_recipe_goes_by_its_own_name(folder):
    social = tuple(cell for cell in conditions() if cell.family == "social")
    found = by_name(evaluate_folder(folder, subjects=BRIGHT, plan=Plan(cells=social, limit=2)).evaluations[0])
    assert list(found) == ["undegraded", "social-large", "social-medium", "social-small"]


def test_a_change_too_small_to_show_has_no_sign_of_loss(folder):
    def nearly(image, seed):
        return np.where(image > 100, image - 1, image)

    cells = (Degradation("nearly", 1, nearly),)
    text = evaluate_folder(folder, subjects=(Subject(name="l", localize=all_ones),), plan=Plan(cells=cells)).markdown()
    assert "| 0% [0%, 0%] |" in text and "| +0.000 |" in text and "-0" not in text.split("\n\n")[-1].replace("---", "")


def test_the_robustness_table_has_a_row_a_condition(folder):
    text = evaluate_folder(folder, subjects=BRIGHT, plan=Plan(cells=(DARK,))).markdown()
    lines = text.split("\n\n")[-1].splitlines()
    assert [line.split("|")[2].strip() for line in lines[2:]] == ["undegraded", "dark 1"]
    assert "| 100% [100%, 100%] |" in lines[3]
    assert "| -0.500 |" in lines[3]
