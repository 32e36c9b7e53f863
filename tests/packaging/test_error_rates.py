"""The error rates in the user guide are those that are kept among the results."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from boxprompt.weights import WeightCard, read_weights


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


def test_the_cards_say_what_is_kept_of_their_own_weights(checkout: Path) -> None:
    kept = json.loads((checkout / "docs" / "results" / "error-rates.json").read_text(encoding="utf-8"))
    cards = [read_weights(path).card for path in sorted((checkout / "resources" / "weights").glob("*.safetensors"))]
    for card in cards:
        assert list(card.error_rates) == [one for one in kept if one["weights_id"] == card.id]
    assert sum(len(card.error_rates) for card in cards) == len(kept)


def test_writing_the_cards_again_changes_no_byte_of_them(script: ModuleType, checkout: Path, tmp_path: Path) -> None:
    shipped = checkout / "resources" / "weights"
    for path in shipped.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    kept = json.loads((checkout / "docs" / "results" / "error-rates.json").read_text(encoding="utf-8"))
    script.write_cards([], tmp_path)
    assert not read_weights(tmp_path / "boxprompt-joint.safetensors").card.error_rates
    script.write_cards(kept, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in shipped.iterdir()
    }


def test_a_card_with_error_rates_of_other_weights_is_refused(checkout: Path) -> None:
    card = read_weights(checkout / "resources" / "weights" / "boxprompt-joint.safetensors").card
    rates = [{**card.error_rates[0], "weights_sha256": "0" * 64}]
    with pytest.raises(ValueError, match="of other weights"):
        WeightCard.model_validate({**card.model_dump(), "error_rates": rates})


def test_a_guide_without_its_marks_is_refused(script: ModuleType) -> None:
    with pytest.raises(ValueError, match="marks"):
        script.with_section("# Guide\n", [])
