"""What is shipped carries its scores, thresholds, calibrations and domain, and those of no other weights."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from boxprompt.calibration_file import CalibrationFile
from boxprompt.card_calibration import TrainingDomain, ViewCalibration
from boxprompt.errors import CalibrationError
from boxprompt.training.domain import domain_of_recipe
from boxprompt.weights import WeightsFile, read_weights, write_weights
from tests.boxprompt.made_cards import calibration, card_fields


@pytest.fixture(scope="module")
def script(checkout: Path) -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("release_weights", checkout / "packaging" / "release_weights.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture
def trained(tmp_path: Path) -> WeightsFile:
    recipe = {"data": {"synthesis": {"short_side_px": [224, 400], "histories": {"quality": [70, 100]}}}}
    fields = {**card_fields(), "recipe": recipe}
    return write_weights({"weight": np.ones(3, dtype=np.float32)}, fields, tmp_path / "run")


def record(weights: WeightsFile, view: str, *, best: float) -> dict[str, Any]:
    scores = {"localizer": weights.card.id, "dataset": "development", "best_threshold": best}
    return {"localizer": {"weights_sha256": weights.card.sha256, "views": view}, "scores": [scores]}


def written(weights: WeightsFile, view: Any, folder: Path) -> Path:
    fitted = ViewCalibration(**calibration(weights.card))
    path = folder / f"{view}.fit.json"
    file = CalibrationFile(weights_id=weights.card.id, view=view, best_threshold=0.3, calibration=fitted)
    path.write_text(file.model_dump_json())
    return path


def test_the_card_has_what_was_measured_in_each_view(script: ModuleType, trained: WeightsFile, tmp_path: Path) -> None:
    released = script.release(
        trained,
        measured=[
            script.measured_of(trained, record(trained, view, best=best))
            for view, best in (("fast", 0.1651), ("thorough", 0.2))
        ],
        calibrations=[written(trained, view, tmp_path) for view in ("fast", "thorough")],
        domain=domain_of_recipe(trained.card.recipe),
        limits=("Small edits are missed.",),
        folder=tmp_path / "shipped",
    )
    card = read_weights(released.path).card
    assert (card.threshold_of("fast"), card.threshold_of("thorough")) == (0.1651, 0.2)
    assert set(card.scores) == {"development", "development, thorough view"}
    assert set(card.calibration) == {"fast", "thorough"}
    assert card.domain is not None and card.domain.short_side_px == (224, 400)
    assert card.limits == ("Small edits are missed.",)
    released.verify()


def test_scores_and_calibrations_of_other_weights_are_refused(
    script: ModuleType, trained: WeightsFile, tmp_path: Path
) -> None:
    other = write_weights({"weight": np.zeros(3, dtype=np.float32)}, card_fields(), tmp_path / "other")
    with pytest.raises(ValueError, match="not of «trial»"):
        script.measured_of(trained, record(other, "fast", best=0.2))
    measured = [script.measured_of(trained, record(trained, "fast", best=0.2))]
    with pytest.raises(CalibrationError, match="fitted to scores of"):
        script.release(
            trained,
            measured=measured,
            calibrations=[written(other, "fast", tmp_path)],
            folder=tmp_path / "shipped",
        )
    with pytest.raises(ValueError, match="of the fast one in any case"):
        script.release(trained, measured=[], folder=tmp_path / "shipped")


def test_a_threshold_can_be_chosen(script: ModuleType, trained: WeightsFile, tmp_path: Path) -> None:
    measured = [script.measured_of(trained, record(trained, "fast", best=0.2))]
    card = script.release(trained, measured=measured, threshold="fast=0.45", folder=tmp_path / "shipped").card
    assert (card.threshold, card.threshold_origin) == (0.45, "fast view: chosen")


def test_the_domain_is_that_of_the_shipped_weights_recipe(checkout: Path) -> None:
    card = json.loads((checkout / "resources" / "weights" / "boxprompt-student-224.json").read_text())
    domain = domain_of_recipe(card["recipe"])
    assert domain == TrainingDomain(
        short_side_px=(224, 400),
        jpeg_quality=(70, 100),
        histories=(
            "left as it was after the edit (50%)",
            "JPEG once",
            "JPEG twice",
            "resized by 0.5 to 1.5",
            "shrunk and recompressed as by a sharing service",
            "blurred",
            "sharpened",
            "with noise added",
            "with its tones changed",
        ),
    )


def test_the_domain_of_joined_networks_is_what_any_of_them_was_trained_on() -> None:
    def part(low: int, high: int, least: int, screens: float) -> dict[str, Any]:
        synthesis = {
            "short_side_px": [low, high],
            "histories": {"quality": [least, 95], "social_share": 0},
            "distractors": {"screenshot_share": screens},
        }
        return {"recipe": {"data": {"synthesis": synthesis}}}

    parts = {"student": part(224, 400, 70, 0.1), "residual": part(300, 800, 50, 0), "other": {"recipe": {}}}
    domain = domain_of_recipe({"parts": parts})
    assert domain is not None
    assert (domain.short_side_px, domain.jpeg_quality, domain.screenshots) == ((224, 800), (50, 95), False)
    assert domain_of_recipe({"parts": {"other": {"recipe": {}}}}) is None


@pytest.mark.parametrize("recipe", [{}, {"data": {}}, {"data": {"name": "fine-tuning"}}])
def test_a_recipe_without_composites_tells_no_domain(recipe: dict[str, Any]) -> None:
    assert domain_of_recipe(recipe) is None


@pytest.mark.parametrize("share", [0.0, 0.1])
def test_screens_around_composites_make_screenshots_part_of_the_domain(share: float) -> None:
    domain = domain_of_recipe({"data": {"synthesis": {"distractors": {"screenshot_share": share}}}})
    assert domain is not None and domain.screenshots is (share > 0)


def test_composites_that_were_never_compressed_have_no_quality() -> None:
    histories = {"jpeg_counts": [1, 0, 0], "social_share": 0}
    domain = domain_of_recipe({"data": {"synthesis": {"histories": histories}}})
    assert domain is not None and domain.jpeg_quality is None
    assert "JPEG once" not in domain.histories


def test_a_threshold_is_chosen_for_the_views_it_is_named_for(
    script: ModuleType, trained: WeightsFile, tmp_path: Path
) -> None:
    measured = [script.measured_of(trained, record(trained, view, best=0.2)) for view in ("fast", "thorough")]
    card = script.release(trained, measured=measured, threshold="thorough=0.5", folder=tmp_path / "shipped").card
    assert (card.threshold_of("fast"), card.threshold_of("thorough")) == (0.2, 0.5)
    assert "thorough view: chosen" in card.threshold_origin


@pytest.mark.parametrize("threshold", ["0.5", "slow=0.5"])
def test_a_threshold_of_no_view_is_refused(
    script: ModuleType, trained: WeightsFile, tmp_path: Path, threshold: str
) -> None:
    measured = [script.measured_of(trained, record(trained, "fast", best=0.2))]
    with pytest.raises(ValueError, match="VIEW=NUMBER"):
        script.release(trained, measured=measured, threshold=threshold, folder=tmp_path / "shipped")
