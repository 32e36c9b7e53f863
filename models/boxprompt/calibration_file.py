"""A calibration between its fitting and the card: what an evaluation writes, and how it comes onto the card."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from boxprompt.card_calibration import View, ViewCalibration
from boxprompt.errors import CalibrationError
from boxprompt.faults import faults
from boxprompt.weights import WeightsFile, rewrite_card


class CalibrationFile(BaseModel):
    """The calibration of one view of some weights.

    Attributes:
        schema_version: of the file's form.
        weights_id: id of the weights.
        view: the view of the images that gave the scores.
        best_threshold: the single threshold with the highest mean F1 over the manipulated images it was fitted on;
            None where there was none.
        calibration: what goes onto the card.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = 1
    weights_id: str
    view: View
    best_threshold: Annotated[float, Field(ge=0, le=1)] | None
    calibration: ViewCalibration


def read_calibration(path: Path) -> CalibrationFile:
    """Read what an evaluation wrote.

    Raises:
        CalibrationError: the file cannot be read, or is no calibration.
    """
    try:
        return CalibrationFile.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CalibrationError(f"The calibration {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CalibrationError(f"{path} is no calibration: it is no UTF-8.") from error
    except ValidationError as error:
        raise CalibrationError(f"{path} is no calibration of this version's form: {faults(error)}.") from error


def calibrate_card(
    weights: WeightsFile, files: Sequence[CalibrationFile], *, best_thresholds: bool = False
) -> WeightsFile:
    """Put calibrations onto the card of the weights they were fitted to; those of other views stay.

    Args:
        weights: file and card, the file unaltered.
        files: calibrations, one a view.
        best_thresholds: also make the best threshold of each the view's own.

    Raises:
        CalibrationError: one is of other weights, two are of one view, or one knows no best threshold.
        WeightsMismatchError: the weights are not those on their card.
    """
    weights.verify()
    card = weights.card
    for one in files:
        if one.calibration.network_sha256 != card.network_sha256:
            raise CalibrationError(
                f"The calibration of the {one.view} view was fitted to scores of «{one.weights_id}», SHA-256 "
                f"{one.calibration.weights_sha256}, not of «{card.id}», SHA-256 {card.sha256}, as its card is now."
            )
    views = [one.view for one in files]
    if len(set(views)) < len(views):
        raise CalibrationError(f"Two of the calibrations are of the same view: {', '.join(views)}.")
    changes: dict[str, Any] = {"calibration": {**card.calibration, **{one.view: one.calibration for one in files}}}
    if best_thresholds:
        changes |= _thresholds(weights, files)
    return rewrite_card(weights, **changes)


def _thresholds(weights: WeightsFile, files: Sequence[CalibrationFile]) -> dict[str, Any]:
    """The card's fields for thresholds: that of the fast view is the card's, others differ from it by view."""
    card = weights.card
    best: dict[View, float] = {}
    origins = []
    for one in files:
        if one.best_threshold is None:
            raise CalibrationError(f"No threshold is known that is best for the {one.view} view.")
        best[one.view] = one.best_threshold
        origins.append(
            f"{one.view} view: the best single threshold over the manipulated images of {one.calibration.fitted_on}"
        )
    by_view = {**card.view_thresholds, **best}
    threshold = by_view.pop("fast", card.threshold)
    return {
        "threshold": threshold,
        "view_thresholds": by_view,
        "threshold_origin": "; ".join(origins if "fast" in best else [card.threshold_origin, *origins]),
    }
