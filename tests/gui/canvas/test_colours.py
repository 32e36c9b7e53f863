"""Colours that stand for different things are told apart by every eye."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from forensic_gui.domain.palette import (
    ADDS_RGB,
    BOTH_RGB,
    DARK_RGB,
    LIGHT_RGB,
    MINE_ONLY_RGB,
    MODEL_ONLY_RGB,
    PROPOSED_RGB,
    TAKES_RGB,
)
from forensic_gui.views.canvas.compose import FILL_RGB

# Machado, Oliveira and Fernandes 2009, severity 1, for linear RGB.
_DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


def seen_as(rgb: tuple[int, int, int], deficiency: str) -> np.ndarray:
    """CIELAB of a colour as somebody sees it."""
    value = np.array(rgb) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(_DEFICIENCIES[deficiency]) @ linear, 0, 1)
    encoded = np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)
    return cv2.cvtColor(encoded.astype(np.float32).reshape(1, 1, 3), cv2.COLOR_RGB2LAB)[0, 0]


@pytest.mark.parametrize("deficiency", list(_DEFICIENCIES))
def test_colours_that_stand_for_different_things_differ_for_every_eye(deficiency: str) -> None:
    pairs = [
        (MODEL_ONLY_RGB, MINE_ONLY_RGB),
        (MODEL_ONLY_RGB, BOTH_RGB),
        (MINE_ONLY_RGB, BOTH_RGB),
        (ADDS_RGB, TAKES_RGB),
        (ADDS_RGB, LIGHT_RGB),
        (ADDS_RGB, DARK_RGB),
        (ADDS_RGB, FILL_RGB),
        (ADDS_RGB, PROPOSED_RGB),
        (PROPOSED_RGB, DARK_RGB),
    ]
    for one, other in pairs:
        distance = float(np.linalg.norm(seen_as(one, deficiency) - seen_as(other, deficiency)))
        assert distance > 25, (one, other, deficiency, distance)
