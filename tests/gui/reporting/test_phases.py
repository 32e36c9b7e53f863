"""One bar over phases that count unlike things."""

from __future__ import annotations

import pytest

from forensic_gui.services.progress import ProgressEvent
from forensic_gui.views.reportroom.phases import Phases

CHECKED = [ProgressEvent(done, 4, 0, "a.jpg", "finished") for done in range(1, 5)]
RECORDED = [ProgressEvent(done, 4, 0, "a.jpg", "stage", "Put into the record") for done in range(1, 5)]
WRITTEN = [ProgressEvent(done, 9, 0, "out.pdf", "stage", "Written") for done in range(10)]


@pytest.mark.parametrize("events", [[*CHECKED, *WRITTEN], [*RECORDED, *WRITTEN], [*RECORDED, *CHECKED, *WRITTEN]])
def test_the_bar_ends_full_and_never_goes_back(events):
    phases = Phases()
    shares = [told[1] for told in map(phases.at, events) if told is not None]
    assert shares == sorted(shares) and shares[0] < 0.5 and shares[-1] == 1


def test_each_phase_is_named_with_what_it_counts():
    phases = Phases()
    told = [phases.at(event) for event in (CHECKED[0], RECORDED[1], WRITTEN[3])]
    assert [each[0] for each in told if each is not None] == [
        "checking originals, 1 of 4",
        "putting items into the record, 2 of 4",
        "laying out pages, 3 of 9",
    ]


def test_what_is_amiss_with_an_item_moves_no_bar():
    phases = Phases()
    phases.at(RECORDED[0])
    assert phases.at(ProgressEvent(4, 4, 1, "b.jpg", "failed", "It is damaged.")) is None
    told = phases.at(RECORDED[1])
    assert told is not None and told[1] == pytest.approx(0.45)
