"""Percentages that people read."""

from __future__ import annotations

import pytest

from forensic_gui.domain.shares import percent_text


@pytest.mark.parametrize(
    ("share", "places", "text"),
    [
        (0.0, 1, "0.0 %"),
        (1e-9, 1, "< 0.1 %"),
        (0.0274, 1, "2.7 %"),
        (0.99999, 1, "> 99.9 %"),
        (1.0, 1, "100.0 %"),
        (0.00006, 2, "< 0.01 %"),
        (0.0274, 2, "2.74 %"),
        (0.99996, 2, "> 99.99 %"),
        (1.0, 2, "100.00 %"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(share, places, text):
    assert percent_text(share, places=places) == text
