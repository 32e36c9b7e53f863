"""Put calibrations on the card of the user's own weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forensic_gui.domain.errors import RequestError
from forensic_gui.services import engine
from forensic_gui.storage.atomic import output_error


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Weights with a new card.

    Attributes:
        id: of the weights.
        card: the card's file.
        views: views that are calibrated now, with the sentence that says so.
    """

    id: str
    card: Path
    views: dict[str, str]

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {"kind": "localizer", "id": self.id, "card": str(self.card), "calibration": self.views}


def calibrate_weights(
    weights: str,
    files: Sequence[Path],
    *,
    folders: Sequence[Path],
    shipped: Sequence[Path],
    best_thresholds: bool = False,
) -> Calibrated:
    """Put calibrations on a card.

    Args:
        weights: id or path.
        files: what `evaluate --fit-calibration` wrote, one a view.
        folders: where weights are looked for.
        shipped: folders of weights that are part of the program and never changed.
        best_thresholds: also make the threshold that was best on those images each view's own.

    Raises:
        RequestError: the weights are part of the program; a file is no calibration, of other weights or of a view that
            another one is of.
        WeightsError: there are no such weights, or they are not those on their card.
        OutputError: the card cannot be written.
    """
    found = engine.find_weights(weights, folders=folders)
    if any(found.path.parent.resolve() == folder.resolve() for folder in shipped):
        raise RequestError(f"The weights {found.card.id} are part of the program: their card is not changed.")
    try:
        changed = engine.put_calibrations(found, files, best_thresholds=best_thresholds)
    except OSError as error:
        raise output_error(found.path.with_suffix(".json"), error) from error
    return Calibrated(changed.card.id, changed.path.with_suffix(".json"), calibration_texts(changed.card))


def calibration_texts(card: Any) -> dict[str, str]:
    """What a card says of each view's calibration, a sentence without its full stop, by view."""
    return {
        view: (
            f"{one.method}, fitted on {one.manipulated_images} manipulated and {one.untouched_images} untouched images "
            f"of {one.fitted_on} with {one.prior:.1%} of pixels manipulated; error {one.error_before:.3f} before, "
            f"{one.error_after:.3f} after (cross-validated)"
        )
        for view, one in card.calibration.items()
    }
