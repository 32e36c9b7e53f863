"""The error rates in the user guide are those that are kept among the results."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from boxprompt.weights import read_weights


@pytest.fixture(scope="module")
def script(checkout: Path) -> ModuleType:
    path = checkout / "packaging" / "write_error_rates.py"
    spec = importlib.util.spec_from_file_location("write_error_rates", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_guide_says_what_is_kept_and_nothing_else(script: ModuleType, checkout: Path) -> None:
    kept = json.loads((checkout / "docs" / "results" / "error-rates.json").read_text(encoding="utf-8"))
    guide = (checkout / "docs" / "user-guide.md").read_text(encoding="utf-8")
    assert script.with_section(guide, kept) == guide
    assert kept and all("| undegraded | " in script.section([one]) for one in kept)


def test_what_is_kept_is_json_with_a_line_for_each_condition(script: ModuleType, checkout: Path) -> None:
    text = (checkout / "docs" / "results" / "error-rates.json").read_text(encoding="utf-8")
    kept = json.loads(text)
    assert script.as_text(kept) == text
    assert text.count("\n") == 1 + sum(len(one["conditions"]) + len(one) + 2 for one in kept)
    assert json.loads(script.as_text(kept * 2)) == kept * 2


def test_the_figures_are_of_weights_that_ship_at_their_own_threshold(checkout: Path) -> None:
    kept = json.loads((checkout / "docs" / "results" / "error-rates.json").read_text(encoding="utf-8"))
    for one in kept:
        card = read_weights(checkout / "resources" / "weights" / f"{one['weights_id']}.safetensors").card
        assert one["weights_sha256"] == card.sha256
        assert one["threshold"] == card.threshold_of(one["view"])


def test_a_guide_without_its_marks_is_refused(script: ModuleType) -> None:
    with pytest.raises(ValueError, match="marks"):
        script.with_section("# Guide\n", [])
