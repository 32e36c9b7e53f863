"""Which weights can be chosen and removed, and which names are free for new ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from forensic_gui.services.segmenting.places import Places
from forensic_gui.services.weights_shelf import Shelf, read_shelf


@pytest.fixture
def shelf(tmp_path: Path, untrained_weights: Path) -> Shelf:
    """Shipped weights, a broken file of the user's, and an unfinished run."""
    shipped, students = tmp_path / "shipped", tmp_path / "students"
    (students / "begun.finetune").mkdir(parents=True)
    (students / "begun.finetune" / "checkpoint.pt").touch()
    (students / "empty.finetune").mkdir()
    shipped.mkdir()
    for suffix in (".safetensors", ".json"):
        shutil.copy(untrained_weights.with_suffix(suffix), shipped)
    (students / "broken.safetensors").write_bytes(b"not weights")
    return read_shelf(folders=[shipped, students], places=Places(tmp_path / "segmenters", students, (shipped,)))


def test_what_is_there_is_found(shelf: Shelf) -> None:
    assert [each.id for each in shelf.weights] == ["untrained", "broken"]
    assert shelf.shipped == {"untrained"}
    assert shelf.unfinished == {"begun"}
    found = shelf.find("untrained")
    assert found is not None and len(found.sha256) == 64
    assert shelf.find("broken") is None


@pytest.mark.parametrize(
    ("name", "says"),
    [("mine-2.1", ""), ("begun", ""), ("untrained", "part of the program"), ("broken", "already")]
    + [(odd, "small letters") for odd in ("", "Mine", "../mine", "-mine", "mine/2", "m ine", "mine\n")],
)
def test_names_that_are_taken_or_none_are_refused_in_a_sentence(shelf: Shelf, name: str, says: str) -> None:
    told = shelf.problem_of(name)
    assert (says in told) if says else not told
