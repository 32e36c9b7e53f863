"""Records of earlier and of later versions, and those that no version wrote."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from typing import Any

import pytest

from forensic_gui.domain.audit import canonical_json
from forensic_gui.domain.reports.record import record_hash
from forensic_gui.services.checking import embedded
from tests.forensic_gui.report.made_records import made_record


def with_text(text: str) -> bytes:
    """An HTML file with any text in the place of the record."""
    held = f'<pre id="forensic-gui-record" hidden>{html.escape(text)}</pre>'
    return f"<!doctype html><title>Report</title><p>{record_hash(text)}</p>{held}".encode()


def test_a_record_that_says_less_than_later_ones_do_is_understood() -> None:
    said = json.loads(made_record().to_json())
    for weights in said["weights"]:
        del weights["is_shipped"]  # earlier records did not say it
    older = embedded.read_embedded(with_text(canonical_json(said)))
    assert older.record is not None
    assert older.problem == ""


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda said: said.update(more=1), "says more than this version understands"),
        (lambda said: said["case"].update(more=1), "is not understood by this version"),
        (lambda said: said["weights"][0].update(more={}), "is not understood by this version"),
    ],
)
def test_a_record_that_says_more_than_is_understood_is_said_to(
    change: Callable[[dict[str, Any]], None], problem: str
) -> None:
    said = json.loads(made_record().to_json())
    change(said)
    assert problem in embedded.read_embedded(with_text(canonical_json(said))).problem


def test_a_record_that_is_written_in_another_way_is_said_to_be() -> None:
    said = json.loads(made_record().to_json())
    other = (json.dumps(said, indent=1), canonical_json(said).replace('"case":', '"case":{},"case":', 1))
    for text in other:
        assert "not written as this program writes" in embedded.read_embedded(with_text(text)).problem
