"""Error rates by condition are those that the evaluation measured, and a table says them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from boxprompt.evaluation import Plan, Subject, evaluate_folder
from boxprompt.evaluation.error_rates import ErrorRates
from boxprompt.evaluation.robustness import conditions


def bright(image):
    return (image.mean(axis=2) / 255).astype(np.float32)


def record(folder, *, degraded=True):
    cells = [cell for cell in conditions() if (cell.family, cell.level) in {("jpeg", 70), ("social", "social-small")}]
    result = evaluate_folder(
        folder, subjects=[Subject("bright", bright, 0.5)], plan=Plan(cells=tuple(cells) if degraded else ())
    )
    localizer = {"weights_id": "bright", "weights_sha256": "a" * 64, "views": "fast"}
    return {"localizer": localizer, "scores": result.scores_as_json()}, list(result.rows())


def test_the_rates_of_each_condition_are_means_over_its_images(folder):
    values, rows = record(folder)
    rates = ErrorRates.of(values)
    assert [one.condition for one in rates.conditions] == ["undegraded", "jpeg 70", "social-small"]
    for one in rates.conditions:
        of_it = [row for row in rows if row["condition"] == one.condition]
        untouched = [row for row in of_it if row["kind"] == "untouched"]
        edited = [row for row in of_it if row["kind"] != "untouched"]
        assert one.untouched_pixels[0] == pytest.approx(
            np.mean([row["flagged_at_threshold"] for row in untouched]), abs=1e-4
        )
        assert one.untouched_images[0] == 0.5  # one of the two is bright
        assert one.missed[0] == pytest.approx(np.mean([row["missed_at_threshold"] for row in edited]), abs=1e-4)
        assert one.f1[0] == pytest.approx(np.mean([row["f1_at_threshold"] for row in edited]), abs=1e-4)


def test_what_is_missed_is_one_less_the_recall_by_image(folder):
    _, rows = record(folder, degraded=False)
    assert [row["missed_at_threshold"] for row in rows] == [pytest.approx(0, abs=1e-9)] * 3 + [None, None]


def test_what_was_kept_as_json_gives_the_same_table(folder):
    rates = ErrorRates.of(record(folder)[0])
    again = ErrorRates.from_json(json.loads(json.dumps(rates.as_json())))
    assert again == rates
    lines = again.markdown().splitlines()
    assert lines[0].startswith(
        "**`bright`, fast view**, at its threshold of 0.5, on 3 manipulated and 2 untouched images"
    )
    assert lines[2].count("|") == lines[4].count("|") == 7
    assert lines[4].startswith("| undegraded | 50.0 % [")
    assert len(lines) == 4 + 3


def test_scores_of_undegraded_images_alone_are_refused(folder):
    with pytest.raises(ValueError, match="--robustness"):
        ErrorRates.of(record(folder, degraded=False)[0])
