"""What is said of labels that were imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from forensic_gui.domain.finding import Failure
from forensic_gui.services.labels.contract import ImportReport
from forensic_gui.views.labelling.words import imported

UNREAD, CONTRARY = (Failure(Path("a.jpg"), kind, "…") for kind in ("LabelsError", "LabelsContradict"))


@pytest.mark.parametrize(
    ("failures", "said"),
    [
        ((UNREAD,), "1 image could not be matched or read."),
        ((CONTRARY,), "1 image contradicts its labels and stayed as it was."),
        (
            (CONTRARY, UNREAD, CONTRARY),
            "2 images contradict their labels and stayed as they were. 1 image could not be matched or read.",
        ),
    ],
)
def test_images_that_contradict_their_labels_are_told_apart_from_those_not_found(
    failures: tuple[Failure, ...], said: str
) -> None:
    report = ImportReport(images=0, regions=0, marked=0, known=0, failures=failures)
    assert imported(report) == f"Nothing new was imported. {said}"
