"""Who vouches for weights: the program for those it ships with, a fine-tuning for those it scored, nobody else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from boxprompt.weights import read_weights, rewrite_card, write_weights
from forensic_gui.services.reporting.weights import KnownWeights


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder with weights «untrained»."""
    folder = tmp_path / "installed"
    card = {
        "id": "untrained",
        "architecture": "none",
        "student": {},
        "input_mean": (0.5, 0.5, 0.5),
        "input_std": (0.2, 0.2, 0.2),
        "threshold": 0.5,
        "threshold_origin": "none; these weights are zeros",
        "training_data": (),
        "recipe": {},
        "code_commit": "unknown",
        "steps": 0,
        "licence": "Apache-2.0",
        "created": "2026-01-01",
    }
    write_weights({"weight": np.zeros(4, np.float32)}, card, folder)
    return folder


def known(shelf: Path, *, shipped: Path | None = None) -> KnownWeights:
    return KnownWeights(folders=[shelf], shipped=shipped or shelf.parent / "elsewhere")


def sha_of(shelf: Path) -> str:
    return read_weights(shelf / "untrained.safetensors").card.sha256


def test_weights_that_ship_are_validated_and_bring_their_card(shelf):
    facts = known(shelf, shipped=shelf)("untrained", sha_of(shelf))
    assert (facts.is_validated, facts.is_shipped) == (True, True)
    assert facts.card["id"] == "untrained"


def test_weights_that_somebody_put_there_are_not(shelf):
    facts = known(shelf)("untrained", sha_of(shelf))
    assert facts.card is not None
    assert not facts.is_validated


def test_a_fine_tuning_that_was_scored_is_validated(shelf):
    weights = read_weights(shelf / "untrained.safetensors")
    rewrite_card(weights, parent="a" * 64, scores={"held-out": {"f1": 0.5}})
    facts = known(shelf)("untrained", sha_of(shelf))
    assert (facts.is_validated, facts.is_shipped) == (True, False)


def test_a_fine_tuning_without_scores_is_not(shelf):
    rewrite_card(read_weights(shelf / "untrained.safetensors"), parent="a" * 64)
    assert not known(shelf)("untrained", sha_of(shelf)).is_validated


def test_an_unknown_hash_has_no_card_whatever_its_id_is(shelf):
    facts = known(shelf, shipped=shelf)("untrained", "0" * 64)
    assert (facts.id, facts.sha256, facts.card, facts.is_validated) == ("untrained", "0" * 64, None, False)


def test_a_file_that_is_not_what_its_card_says_does_not_count(shelf):
    sha256 = sha_of(shelf)
    path = shelf / "untrained.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x00\x01")
    facts = known(shelf, shipped=shelf)("untrained", sha256)
    assert (facts.card, facts.is_validated) == (None, False)


def test_error_rates_stand_beside_the_card_and_not_within(shelf):
    weights = read_weights(shelf / "untrained.safetensors")
    rates = {"weights_sha256": weights.card.sha256, "view": "fast", "threshold": weights.card.threshold}
    rewrite_card(weights, error_rates=[rates])
    facts = known(shelf)("untrained", weights.card.sha256)
    assert [dict(each) for each in facts.error_rates] == [rates]
    assert "error_rates" not in facts.card
