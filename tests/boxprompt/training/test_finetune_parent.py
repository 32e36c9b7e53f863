"""From joint weights the student within is tuned, and joint weights come out whose other parts are as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from boxprompt.data.datasets import TamperedDataset, read_rgb
from boxprompt.errors import WeightsMismatchError
from boxprompt.inference import joint
from boxprompt.inference.fusion import FusionRule
from boxprompt.inference.opening import open_localizer
from boxprompt.training.finetune import FinetuneJob, finetune, plan
from boxprompt.training.finetune_config import FinetuneRecipe
from boxprompt.training.finetune_parent import limits_of_parts, student_of
from boxprompt.weights import WeightsFile, read_weights, write_weights
from tests.boxprompt.inference.test_residual_localizer import stream_weights

RECIPE = FinetuneRecipe(
    steps=2, batch_size=2, validate_every=1, warmup_steps=1, learning_rate=5e-3, precision="float32"
)


def joined(student: Path, folder: Path, rule: FusionRule) -> WeightsFile:
    parts = {joint.STUDENT: read_weights(student), "residual": stream_weights(folder)}
    tensors, table = joint.join(parts, rule)
    fields = parts[joint.STUDENT].card.model_dump(exclude={"sha256"})
    card = {"id": "joint", "architecture": joint.ARCHITECTURE, "student": table, "recipe": {"parts": {"student": "s"}}}
    return write_weights(tensors, {**fields, **card}, folder)


@pytest.fixture
def parent(untrained_weights: Path, tmp_path: Path) -> WeightsFile:
    return joined(untrained_weights, tmp_path, FusionRule(weights={"student": 1.0, "residual": 1.0}))


@pytest.fixture
def labelled(tmp_path: Path) -> TamperedDataset:
    """Eight images with a plainly brighter square, two without."""
    folder = tmp_path / "labelled"
    rng = np.random.default_rng(0)
    for name in ("Tp", "Gt", "Au"):
        (folder / name).mkdir(parents=True)
    for number in range(8):
        image, mask = rng.integers(40, 90, (64, 64, 3), dtype=np.uint8), np.zeros((64, 64), np.uint8)
        mask[10:40, 12:44] = 255
        image[mask > 0] += 120
        Image.fromarray(image).save(folder / "Tp" / f"t{number}.png")
        Image.fromarray(mask).save(folder / "Gt" / f"t{number}.png")
    for number in range(2):
        Image.fromarray(rng.integers(40, 90, (64, 64, 3), dtype=np.uint8)).save(folder / "Au" / f"u{number}.png")
    return TamperedDataset.open(folder)


def test_only_the_student_within_joint_weights_is_tuned(
    parent: WeightsFile, labelled: TamperedDataset, tmp_path: Path
) -> None:
    job = FinetuneJob(
        labelled, "made by the test", parent, "tuned", tmp_path / "work", recipe=RECIPE, device="cpu", threads=1
    )
    child = finetune(job, plan(job), read=read_rgb).weights

    before, after = parent.tensors(), child.tensors()
    assert set(before) == set(after)
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    assert changed and all(name.startswith("student.") for name in changed)
    card = child.card
    assert (card.architecture, card.student, card.parent) == (
        joint.ARCHITECTURE,
        parent.card.student,
        parent.card.sha256,
    )
    assert (card.recipe["tuned_part"], card.recipe["parent_parts"]) == ("student", {"student": "s"})
    image = read_rgb(labelled.items[0].image)
    for tiles in (False, True):
        maps = [open_localizer(one, device="cpu").localize(image, tiles=tiles).scores for one in (parent, child)]
        assert not np.array_equal(*maps)


def test_a_view_that_counts_no_student_is_named_where_it_was_not_changed(
    parent: WeightsFile, untrained_weights: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = joined(untrained_weights, tmp_path / "other", FusionRule(weights={"residual": 1.0}))
    assert limits_of_parts(parent.card) == () == limits_of_parts(read_weights(untrained_weights).card)
    assert limits_of_parts(other.card) == (
        "Their thorough view counts no student: fine-tuning changed the fast view alone.",
    )


def test_weights_without_a_student_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsMismatchError, match="no student in them to fine-tune"):
        student_of(stream_weights(tmp_path))
