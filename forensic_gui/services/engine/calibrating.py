"""Calibrations onto the cards of the weights they were fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from boxprompt.calibration_file import calibrate_card, read_calibration
from boxprompt.weights import WeightsFile
from forensic_gui.services.engine.translation import translated


def put_calibrations(weights: WeightsFile, files: Sequence[Path], *, best_thresholds: bool) -> WeightsFile:
    """Put calibrations that `evaluate` wrote onto the card of their weights.

    Args:
        weights: file and card.
        files: one a view.
        best_thresholds: also make the threshold that was best on those images each view's own.

    Returns:
        The weights with their new card.

    Raises:
        RequestError: a file is no calibration, is of other weights, or two are of one view.
        WeightsError: the weights are not those on their card.
    """
    with translated():
        return calibrate_card(weights, [read_calibration(file) for file in files], best_thresholds=best_thresholds)
