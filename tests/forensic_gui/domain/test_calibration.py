"""A calibration reads a score as a share, and is told whole."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from forensic_gui.domain.calibration import Calibration

CALIBRATION = Calibration(
    method="isotonic",
    knots=((0.0, 0.01), (0.5, 0.11), (1.0, 0.21)),
    fitted_on="development",
    images=887,
    prior=0.05,
    error_before=0.11,
    error_after=0.004,
)


def test_shares_lie_on_the_lines_between_knots():
    assert [CALIBRATION.share_of(score) for score in (0.0, 0.25, 0.5, 1.0)] == pytest.approx([0.01, 0.06, 0.11, 0.21])


def test_the_record_is_plain_json_from_which_shares_can_be_had_again():
    record = json.loads(json.dumps(CALIBRATION.to_record()))
    again = Calibration(**{**record, "knots": tuple(tuple(knot) for knot in record["knots"])})
    assert again == CALIBRATION


@pytest.mark.parametrize("knots", [((0.0, 0.2), (1.0, 0.1)), ((0.0, 0.1), (0.0, 0.2)), ((0.0, 0.1), (1.0, 0.1))])
def test_knots_that_do_not_increase_are_refused(knots):
    with pytest.raises(ValueError, match="increase"):
        replace(CALIBRATION, knots=knots)
