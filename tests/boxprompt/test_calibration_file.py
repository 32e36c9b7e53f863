"""A calibration comes onto the card of the weights it was fitted to, and of no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from boxprompt.calibration_file import CalibrationFile, calibrate_card, read_calibration
from boxprompt.card_calibration import ViewCalibration
from boxprompt.errors import CalibrationError, WeightsMismatchError
from boxprompt.weights import WeightsFile, read_weights, write_weights
from tests.boxprompt.made_cards import calibration, card_fields


@pytest.fixture
def weights(tmp_path: Path) -> WeightsFile:
    return write_weights({"weight": np.ones(3, dtype=np.float32)}, card_fields(), tmp_path)


def fitted(weights: WeightsFile, view: Any = "fast", **changes: Any) -> CalibrationFile:
    values = calibration(weights.card)
    return CalibrationFile(
        **{
            "weights_id": weights.card.id,
            "view": view,
            "best_threshold": 0.21,
            "calibration": ViewCalibration(**values),
            **changes,
        }
    )


def test_views_are_calibrated_one_by_one_and_the_threshold_stays(weights: WeightsFile) -> None:
    once = calibrate_card(weights, [fitted(weights)])
    twice = calibrate_card(once, [fitted(weights, "thorough")])
    assert set(read_weights(twice.path).card.calibration) == {"fast", "thorough"}
    assert (twice.card.threshold, twice.card.threshold_origin, twice.card.view_thresholds) == (0.5, "a test", {})


def test_the_best_thresholds_become_the_views_own(weights: WeightsFile) -> None:
    files = [fitted(weights), fitted(weights, "thorough", best_threshold=0.4)]
    card = calibrate_card(weights, files, best_thresholds=True).card
    assert (card.threshold_of("fast"), card.threshold_of("thorough")) == (0.21, 0.4)
    assert card.threshold_origin == (
        "fast view: the best single threshold over the manipulated images of held out; "
        "thorough view: the best single threshold over the manipulated images of held out"
    )


def test_a_threshold_of_the_thorough_view_alone_leaves_the_cards_own(weights: WeightsFile) -> None:
    card = calibrate_card(weights, [fitted(weights, "thorough")], best_thresholds=True).card
    assert (card.threshold_of("fast"), card.threshold_of("thorough")) == (0.5, 0.21)
    assert card.threshold_origin.startswith("a test; thorough view: ")


def test_what_was_written_is_read(weights: WeightsFile, tmp_path: Path) -> None:
    path = tmp_path / "fitted.json"
    path.write_text(fitted(weights).model_dump_json())
    assert read_calibration(path) == fitted(weights)


def test_a_calibration_of_other_weights_is_refused(weights: WeightsFile, tmp_path: Path) -> None:
    other = write_weights({"weight": np.zeros(3, dtype=np.float32)}, card_fields("other"), tmp_path)
    with pytest.raises(CalibrationError, match=r"fitted to scores of «other».*not of «trial»"):
        calibrate_card(weights, [fitted(other)])
    assert read_weights(weights.path).card.calibration == {}


def test_altered_weights_are_not_calibrated(weights: WeightsFile) -> None:
    with weights.path.open("ab") as stream:
        stream.write(b"!")
    with pytest.raises(WeightsMismatchError):
        calibrate_card(weights, [fitted(weights)])


def test_two_of_one_view_and_a_best_threshold_that_is_not_known_are_refused(weights: WeightsFile) -> None:
    with pytest.raises(CalibrationError, match="same view: fast, fast"):
        calibrate_card(weights, [fitted(weights), fitted(weights)])
    with pytest.raises(CalibrationError, match="No threshold is known"):
        calibrate_card(weights, [fitted(weights, best_threshold=None)], best_thresholds=True)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfe", "no UTF-8"),
        (b"{}", "no calibration of this version's form"),
        (b'{"schema_version": 2}', "schema_version"),
    ],
)
def test_what_is_no_calibration_is_told(content: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "fitted.json"
    path.write_bytes(content)
    with pytest.raises(CalibrationError, match=told):
        read_calibration(path)
    with pytest.raises(CalibrationError, match="cannot be read"):
        read_calibration(tmp_path / "missing.json")
