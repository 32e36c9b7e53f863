"""Weights are found by name, verified before they are read, and never run code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from boxprompt.errors import WeightsMismatchError, WeightsNotFoundError
from boxprompt.weights import (
    BrokenWeights,
    WeightsFile,
    find_weights,
    list_weights,
    read_weights,
    rewrite_card,
    write_weights,
)
from tests.boxprompt.made_cards import calibration, card_fields


@pytest.fixture
def weights(tmp_path: Path) -> WeightsFile:
    tensors = {"weight": np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4), "count": np.array(7, dtype=np.int64)}
    return write_weights(tensors, card_fields(), tmp_path)


def test_tensors_come_back_as_half_precision_and_integers_as_they_were(weights: WeightsFile) -> None:
    tensors = weights.tensors()
    assert tensors["weight"].dtype == np.float16
    assert np.allclose(tensors["weight"], np.linspace(-1, 1, 12).reshape(3, 4), atol=1e-3)
    assert tensors["count"].dtype == np.int64 and int(tensors["count"]) == 7


def test_writing_leaves_a_file_a_card_and_nothing_else(weights: WeightsFile, tmp_path: Path) -> None:
    assert sorted(path.name for path in tmp_path.iterdir()) == ["trial.json", "trial.safetensors"]
    weights.verify()


def test_one_flipped_bit_is_refused_before_anything_is_read(weights: WeightsFile) -> None:
    data = bytearray(weights.path.read_bytes())
    data[-1] ^= 1
    weights.path.write_bytes(data)
    for read in (weights.verify, weights.tensors):
        with pytest.raises(WeightsMismatchError, match="altered or damaged"):
            read()


def test_bytes_that_are_not_safetensors_are_refused_even_with_the_right_hash(weights: WeightsFile) -> None:
    weights.path.write_bytes(b"pickle, perhaps")
    honest = rewrite_card(weights, sha256=__import__("hashlib").sha256(b"pickle, perhaps").hexdigest())
    with pytest.raises(WeightsMismatchError, match="not a safetensors file"):
        honest.tensors()


def test_weights_are_found_by_id_and_by_path(weights: WeightsFile, tmp_path: Path) -> None:
    assert find_weights("trial", [tmp_path]).card == weights.card
    assert find_weights(str(weights.path), []).card == weights.card


def test_an_unknown_id_names_the_known_ones(weights: WeightsFile, tmp_path: Path) -> None:
    with pytest.raises(WeightsNotFoundError, match="known are: trial"):
        find_weights("other", [tmp_path])
    with pytest.raises(WeightsNotFoundError, match="none installed"):
        find_weights("other", [])


def test_the_first_folder_wins_over_a_later_one_of_the_same_id(weights: WeightsFile, tmp_path: Path) -> None:
    later = tmp_path / "later"
    write_weights({"weight": np.zeros(1, dtype=np.float32)}, card_fields(), later)
    assert find_weights("trial", [tmp_path, later]).card.sha256 == weights.card.sha256


def test_weights_without_a_card_are_refused(weights: WeightsFile) -> None:
    weights.path.with_suffix(".json").unlink()
    with pytest.raises(WeightsNotFoundError, match="no card"):
        read_weights(weights.path)


def test_missing_weights_are_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(WeightsNotFoundError, match="no weights at"):
        read_weights(tmp_path / "gone.safetensors")


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "short"},
        {"threshold": 2},
        {"surprise": 1},
        {"id": "../up"},
        {"input_std": [0, 0.2, 0.2]},
        {"input_std": [0.2, 0.2, float("inf")]},
        {"input_mean": [float("nan"), 0.5, 0.5]},
    ],
)
def test_a_card_of_another_form_is_refused(weights: WeightsFile, change: dict[str, Any]) -> None:
    path = weights.path.with_suffix(".json")
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(WeightsMismatchError, match="not of this version's form") as refused:
        read_weights(weights.path)
    (field,) = change
    assert field in str(refused.value)
    assert "\n" not in str(refused.value) and "pydantic" not in str(refused.value)


def test_a_broken_card_hides_no_other_weights(weights: WeightsFile, tmp_path: Path) -> None:
    users = tmp_path / "user"
    write_weights({"weight": np.zeros(1, dtype=np.float32)}, card_fields("aaa"), users)
    (users / "aaa.json").write_text("{}")
    assert find_weights("trial", [users, tmp_path]).card == weights.card
    broken, whole = list_weights([users, tmp_path])
    assert isinstance(broken, BrokenWeights) and broken.path == users / "aaa.safetensors"
    assert "aaa.json is not of this version's form" in broken.problem
    assert whole == weights
    with pytest.raises(WeightsMismatchError, match="not of this version's form"):
        find_weights("aaa", [users, tmp_path])
    with pytest.raises(WeightsNotFoundError, match="known are: trial"):
        find_weights("../user/aaa", [users, tmp_path])


def test_a_file_under_the_name_of_other_weights_is_refused(weights: WeightsFile, tmp_path: Path) -> None:
    for suffix in (".safetensors", ".json"):
        weights.path.with_suffix(suffix).rename(tmp_path / f"renamed{suffix}")
    with pytest.raises(WeightsMismatchError, match="must be the same"):
        find_weights("renamed", [tmp_path])
    with pytest.raises(WeightsNotFoundError, match="none installed"):
        find_weights("trial", [tmp_path])


def test_rewriting_a_card_keeps_the_tensors(weights: WeightsFile, tmp_path: Path) -> None:
    before = weights.path.read_bytes()
    rewrite_card(weights, threshold=0.25, scores={"set": {"f1": 0.3}})
    (found,) = list_weights([tmp_path])
    assert isinstance(found, WeightsFile)
    assert found.card.threshold == 0.25 and found.card.scores["set"]["f1"] == 0.3
    assert found.path.read_bytes() == before


def test_a_calibration_comes_back_from_the_card_as_a_map_of_scores(weights: WeightsFile) -> None:
    rewrite_card(weights, calibration={"fast": calibration(weights.card)})
    kept = read_weights(weights.path).card.calibration
    assert list(kept) == ["fast"]
    assert kept["fast"].table().apply(np.array([0.2, 0.4, 0.7])) == pytest.approx([0.105, 0.2, 0.25])


def test_a_calibration_does_not_outlive_a_change_of_the_network_that_the_tensors_do_not_show(
    weights: WeightsFile,
) -> None:
    rewrite_card(weights, calibration={"fast": calibration(weights.card)})
    fields = json.loads(weights.path.with_suffix(".json").read_text())
    fields["student"] = {"fusion": "another"}
    weights.path.with_suffix(".json").write_text(json.dumps(fields))
    with pytest.raises(WeightsMismatchError, match="scores of other weights"):
        read_weights(weights.path)


def test_a_card_without_calibration_or_domain_is_whole(weights: WeightsFile) -> None:
    fields = json.loads(weights.path.with_suffix(".json").read_text())
    for name in ("calibration", "domain", "view_thresholds"):
        del fields[name]
    weights.path.with_suffix(".json").write_text(json.dumps(fields))
    card = read_weights(weights.path).card
    assert (card.calibration, card.domain) == ({}, None)
    assert card.threshold_of("thorough") == card.threshold


def test_a_view_may_have_a_threshold_of_its_own(weights: WeightsFile) -> None:
    card = rewrite_card(weights, view_thresholds={"thorough": 0.7}).card
    assert (card.threshold_of("fast"), card.threshold_of("thorough")) == (0.5, 0.7)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"method": "magic"}, "method"),
        ({"knots": ((0.0, 0.2), (0.5, 0.1), (1.0, 0.3))}, "increase strictly"),
        ({"knots": ((0.0, 0.2), (0.5, 0.3))}, "maps 0 to 1"),
        ({"knots": ((0.0, 0.2),)}, "at least 2"),
        ({"knots": ((0.0, 0.2), (1.0, float("nan")))}, "finite|less than|greater than"),
        ({"prior": 1.5}, "prior"),
        ({"network_sha256": "e" * 64}, "scores of other weights"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_calibration_that_cannot_be_understood_or_is_of_other_weights_is_refused_in_a_sentence(
    changes: dict[str, Any], told: str, weights: WeightsFile
) -> None:
    fields = json.loads(weights.path.with_suffix(".json").read_text())
    fields["calibration"] = {"fast": calibration(weights.card, **changes)}
    weights.path.with_suffix(".json").write_text(json.dumps(fields))
    with pytest.raises(WeightsMismatchError, match=rf"is not of this version's form: .*({told})"):
        read_weights(weights.path)


@pytest.mark.parametrize(
    "domain",
    [
        {"short_side_px": (400, 224)},
        {"short_side_px": (0, 224)},
        {"short_side_px": (224, 400), "jpeg_quality": (70, 101)},
        {"short_side_px": (224, 400), "jpeg_quality": (90, 70)},
    ],
)
def test_a_domain_of_training_images_that_is_no_range_is_refused(domain: dict[str, Any], weights: WeightsFile) -> None:
    with pytest.raises(ValueError, match=r"range|at most 100"):
        rewrite_card(weights, domain=domain)


def test_a_domain_comes_back_from_the_card(weights: WeightsFile) -> None:
    domain = {"short_side_px": (224, 400), "jpeg_quality": (70, 100), "histories": ("JPEG once or twice",)}
    kept = read_weights(rewrite_card(weights, domain=domain).path).card.domain
    assert kept is not None
    assert (kept.short_side_px, kept.jpeg_quality, kept.screenshots) == ((224, 400), (70, 100), False)
