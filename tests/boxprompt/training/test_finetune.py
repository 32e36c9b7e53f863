"""Fine-tuning splits by source, learns, keeps what was best, goes on to the bit, and refuses what cannot work."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from boxprompt.contracts import RgbImage
from boxprompt.data.datasets import TamperedDataset, groups_by_source, read_rgb
from boxprompt.data.truth import Scribbles
from boxprompt.errors import CheckpointError, ConfigurationError, StoppedError
from boxprompt.training.finetune import FinetuneJob, Tuned, complete, finetune, plan
from boxprompt.training.finetune_config import FinetuneRecipe
from boxprompt.training.finetune_loop import StepEvent, ValidationEvent
from boxprompt.training.finetune_parts import Shares, manifest_sha256, split_parts
from boxprompt.training.finetune_retention import retention_set, untouched_part
from boxprompt.training.finetune_samples import FinetuneSamples, LabelledImage, as_tensors, load
from boxprompt.training.finetune_validation import Views
from boxprompt.weights import read_weights, rewrite_card
from tests.boxprompt.made_cards import calibration

RECIPE = FinetuneRecipe(steps=4, batch_size=2, validate_every=2, warmup_steps=1, precision="float32")


def bright_square(rng: np.random.Generator) -> tuple[RgbImage, np.ndarray]:
    image = rng.integers(40, 90, (240, 256, 3), dtype=np.uint8)
    mask = np.zeros((240, 256), dtype=bool)
    top, left = rng.integers(0, 120, 2)
    mask[top : top + 100, left : left + 100] = True
    image[mask] += 120
    return image, mask


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten images with a plainly brighter square, four without."""
    folder = tmp_path_factory.mktemp("labelled")
    rng = np.random.default_rng(0)
    for name in ("Tp", "Gt", "Au"):
        (folder / name).mkdir()
    for number in range(10):
        image, mask = bright_square(rng)
        Image.fromarray(image).save(folder / "Tp" / f"t{number}.png")
        Image.fromarray((mask * 255).astype(np.uint8)).save(folder / "Gt" / f"t{number}.png")
    for number in range(4):
        Image.fromarray(rng.integers(40, 90, (240, 256, 3), dtype=np.uint8)).save(folder / "Au" / f"u{number}.png")
    return folder


@pytest.fixture
def job(folder: Path, untrained_weights: Path, tmp_path: Path) -> FinetuneJob:
    return FinetuneJob(
        dataset=TamperedDataset.open(folder),
        terms="made by the test",
        parent=read_weights(untrained_weights),
        identifier="tuned",
        folder=tmp_path / "work",
        recipe=RECIPE,
        device="cpu",
        threads=1,
    )


def run(job: FinetuneJob, **options: object) -> Tuned:
    return finetune(job, plan(job), read=read_rgb, **options)  # type: ignore[arg-type]


class StopAfter:
    """A control that stops after so many steps."""

    def __init__(self, steps: int, *, pause: Callable[[], None] | None = None) -> None:
        self._left, self._pause = steps, pause
        self.running = False

    def watch(self, event: object) -> None:
        self.running = True

    def should_stop(self) -> bool:
        if not self.running:
            return False
        self._left -= 1
        return self._left < 0

    def should_pause(self) -> bool:
        return self._pause is not None

    def wait_while_paused(self) -> None:
        assert self._pause is not None
        self._pause()
        self._pause = None


def test_no_photograph_is_in_two_parts(folder: Path) -> None:
    items = [
        replace(item, sources=frozenset({f"source {index // 2}"}))
        for index, item in enumerate(TamperedDataset.open(folder).items)
    ]

    parts = split_parts(items, shares=Shares(), seed=3)

    named = [
        {source for item in part for source in item.sources}
        for part in (parts.training, parts.validation, parts.held_out)
    ]
    assert not (named[0] & named[1] or named[0] & named[2] or named[1] & named[2])
    assert sorted(item.name for part in (parts.training, parts.validation, parts.held_out) for item in part) == sorted(
        item.name for item in items
    )
    assert all(any(item.mask for item in part) for part in (parts.training, parts.validation, parts.held_out))


def test_what_is_known_of_some_pixels_only_is_learned_from_and_measured_nowhere(folder: Path) -> None:
    items = [
        replace(item, mask=Scribbles(item.image), sources=frozenset({"one scene"})) if index < 1 else item
        for index, item in enumerate(TamperedDataset.open(folder).items)
    ]
    items[1] = replace(items[1], sources=frozenset({"one scene"}))

    for seed in range(6):
        parts = split_parts(items, shares=Shares(), seed=seed)
        assert {item.name for item in items[:2]} <= {item.name for item in parts.training}
        assert sum(map(len, (parts.training, parts.validation, parts.held_out))) == len(items)
    with pytest.raises(ConfigurationError, match=r"beside those with scribbles; there are 7"):
        split_parts(items[:9], shares=Shares(), seed=0)


def test_every_part_gets_a_manipulated_image_even_beside_one_large_group(folder: Path) -> None:
    items = [
        replace(item, sources=frozenset({"large" if index < 7 else item.name}))
        for index, item in enumerate(TamperedDataset.open(folder).manipulated)
    ]

    for seed in range(10):
        counts = split_parts(items, shares=Shares(), seed=seed).counts()
        assert all(part["manipulated"] >= 1 for part in counts.values()), (seed, counts)


def test_the_split_is_the_seeds_alone(folder: Path) -> None:
    items = TamperedDataset.open(folder).items

    assert split_parts(items, shares=Shares(), seed=1) == split_parts(items[::-1], shares=Shares(), seed=1)
    assert split_parts(items, shares=Shares(), seed=1) != split_parts(items, shares=Shares(), seed=2)


def test_too_few_images_are_refused_with_the_least_number(folder: Path) -> None:
    items = TamperedDataset.open(folder).manipulated

    with pytest.raises(ConfigurationError, match=r"at least 8 images with a mask.*there are 7"):
        split_parts(items[:7], shares=Shares(), seed=0)
    with pytest.raises(ConfigurationError, match="at least 4 groups"):
        split_parts([replace(item, sources=frozenset({"one"})) for item in items], shares=Shares(), seed=0)


def test_the_manifests_hash_is_of_the_bytes_and_not_of_their_order(folder: Path, tmp_path: Path) -> None:
    items = TamperedDataset.open(folder).items
    other = tmp_path / "other.png"
    Image.new("L", (256, 240), 255).save(other)

    assert manifest_sha256(items) == manifest_sha256(items[::-1])
    assert manifest_sha256(items) != manifest_sha256(items[1:])
    assert manifest_sha256(items) != manifest_sha256((replace(items[0], mask=other), *items[1:]))


def test_the_head_alone_is_trained_and_the_backbone_stays(job: FinetuneJob) -> None:
    tuned = run(job)

    before, after = job.parent.tensors(), tuned.weights.tensors()
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    assert changed
    assert not [name for name in changed if name.startswith("backbone.")]
    assert not [name for name in changed if "running_" in name], "BatchNorm keeps the parent's statistics"


def test_all_of_it_is_trained_where_that_is_asked_for(job: FinetuneJob) -> None:
    tuned = run(replace(job, recipe=RECIPE.model_copy(update={"train": "all"})))

    before, after = job.parent.tensors(), tuned.weights.tensors()
    assert any(not np.array_equal(before[name], after[name]) for name in before if name.startswith("backbone."))


def test_a_share_of_the_parent_is_averaged_in_where_that_is_asked_for(job: FinetuneJob, tmp_path: Path) -> None:
    whole = run(replace(job, folder=tmp_path / "whole")).weights.tensors()
    half = run(replace(job, recipe=RECIPE.model_copy(update={"parent_share": 0.5}))).weights.tensors()

    for name, parent in job.parent.tensors().items():
        expected = (whole[name].astype(np.float32) + parent.astype(np.float32)) / 2
        assert np.allclose(half[name], expected, atol=2e-3), name
    assert any(not np.array_equal(half[name], whole[name]) for name in whole)


def test_it_learns_what_the_labels_show(job: FinetuneJob) -> None:
    events: list[StepEvent | ValidationEvent] = []
    recipe = RECIPE.model_copy(update={"steps": 24, "batch_size": 4, "validate_every": 12, "learning_rate": 5e-3})

    tuned = run(replace(job, recipe=recipe), on_event=events.append)

    validations = [event for event in events if isinstance(event, ValidationEvent)]
    assert [event.step for event in validations] == [0, 12, 24]
    assert validations[-1].scores.loss < validations[0].scores.loss * 0.8
    assert validations[-1].scores.auc > 0.95 > validations[0].scores.auc
    assert tuned.state.best_step == 24


def test_the_card_says_where_the_weights_come_from(job: FinetuneJob) -> None:
    tuned = run(job)

    card = tuned.weights.card
    assert card.id == "tuned"
    assert card.parent == job.parent.card.sha256
    assert card.recipe["data"]["manifest_sha256"] == manifest_sha256(job.dataset.items)
    assert card.recipe["recipe"] == RECIPE.record()
    assert card.training_data[-1].terms == "made by the test"
    assert card.training_data[-1].images == len(job.dataset.items) - len(plan(job).parts.held_out)

    done = complete(
        tuned.weights,
        thresholds={"fast": 0.25, "thorough": 0.5},
        threshold_origin="chosen",
        scores={"set": 1},
        limits=("few images",),
    )
    assert (done.card.threshold_of("fast"), done.card.threshold_of("thorough")) == (0.25, 0.5)
    assert (done.card.threshold, done.card.scores, done.card.limits) == (0.25, {"set": 1}, ("few images",))
    done.verify()


def test_a_calibrated_parent_leaves_no_calibration_to_its_child_and_the_card_says_so(
    job: FinetuneJob, tmp_path: Path
) -> None:
    for suffix in (".safetensors", ".json"):
        shutil.copy(job.parent.path.with_suffix(suffix), tmp_path)
    parent = rewrite_card(
        read_weights(tmp_path / job.parent.path.name),
        calibration={"fast": calibration(job.parent.card)},
        domain={"short_side_px": (224, 400)},
        view_thresholds={"thorough": 0.7},
        limits=("Weak on copy-move.",),
    )

    card = run(replace(job, parent=parent)).weights.card
    assert (card.calibration, card.domain, card.view_thresholds) == ({}, None, {})
    first, remark = card.limits
    assert first == "Weak on copy-move."
    assert remark.startswith("Fine-tuned from «untrained», of which its calibration and what it says of its training")


def test_a_stopped_run_goes_on_to_the_same_bytes(job: FinetuneJob, tmp_path: Path) -> None:
    whole = run(replace(job, folder=tmp_path / "whole"))
    control = StopAfter(3)

    with pytest.raises(StoppedError):
        run(job, control=control, on_event=control.watch)
    assert not list(job.folder.glob("*.safetensors")), "half weights must not be left"
    rest = run(job, resume=True)

    assert rest.weights.card.sha256 == whole.weights.card.sha256
    assert rest.state.history == whole.state.history


def test_a_pause_leaves_a_checkpoint_and_changes_nothing(job: FinetuneJob, tmp_path: Path) -> None:
    whole = run(replace(job, folder=tmp_path / "whole"))
    seen: list[bool] = []
    control = StopAfter(99, pause=lambda: seen.append((job.folder / "checkpoint.pt").is_file()))

    paused = run(job, control=control)

    assert seen == [True]
    assert paused.weights.card.sha256 == whole.weights.card.sha256


def test_a_checkpoint_of_other_labels_is_refused(job: FinetuneJob) -> None:
    control = StopAfter(1)
    with pytest.raises(StoppedError):
        run(job, control=control, on_event=control.watch)

    with pytest.raises(CheckpointError, match=r"other weights, labels, seed or recipe; go on with .* or start anew\."):
        run(replace(job, seed=9), resume=True)


def test_patience_ends_a_run_that_gets_no_better(job: FinetuneJob) -> None:
    recipe = RECIPE.model_copy(update={"steps": 40, "validate_every": 1, "patience": 2, "learning_rate": 5.0})

    with pytest.raises(ConfigurationError, match="No step lowered the loss"):
        run(replace(job, recipe=recipe))


def test_an_unreadable_image_is_named_and_the_rest_is_learned_from(job: FinetuneJob) -> None:
    from boxprompt.data.datasets import UnreadableImageError

    lost = plan(job).parts.training[0]

    def read(path: Path) -> RgbImage:
        if path == lost.image:
            raise UnreadableImageError(f"{path} cannot be read")
        return read_rgb(path)

    tuned = finetune(job, plan(job), read=read)

    assert [lost.image.name in sentence for sentence in tuned.unreadable] == [True]


def test_samples_are_the_same_for_a_seed_and_keep_image_and_label_together() -> None:
    rng = np.random.default_rng(5)
    images = [LabelledImage.of(image, mask.astype(np.uint8)) for image, mask in (bright_square(rng) for _ in range(3))]
    samples = FinetuneSamples(images, (), recipe=RECIPE, side_px=224, seed=7)

    for index in range(len(samples)):
        image, target, labelled = samples[index]
        again = samples[index]
        assert all(torch.equal(one, two) for one, two in zip((image, target, labelled), again, strict=True))
        bright = image.float().mean(dim=2) > 120
        assert float((bright == (target[0] > 0.5)).float().mean()) > 0.95
        assert bool(labelled.all())


def test_pixels_without_a_label_teach_nothing() -> None:
    labels = np.full((224, 224), 255, dtype=np.uint8)
    labels[:112] = 1
    image = np.zeros((224, 224, 3), dtype=np.uint8)

    _, target, labelled = as_tensors(LabelledImage.of(image, labels).resized((224, 224)))

    assert float(labelled.float().mean()) == pytest.approx(0.5)
    assert float(target[labelled].mean()) == 1.0
    views = Views([LabelledImage.of(image, labels)], side_px=224, mean=(0.5, 0.5, 0.5), std=(0.2, 0.2, 0.2))
    assert views is not None


def test_a_large_image_is_kept_small_and_its_label_with_it(tmp_path: Path) -> None:
    image = np.zeros((900, 1800, 3), dtype=np.uint8)
    mask = np.zeros((900, 1800), dtype=np.uint8)
    image[:, 900:], mask[:, 900:] = 200, 255
    for name in ("Tp", "Gt"):
        (tmp_path / name).mkdir()
    Image.fromarray(image).save(tmp_path / "Tp" / "wide.png")
    Image.fromarray(mask).save(tmp_path / "Gt" / "wide.png")

    kept = load(TamperedDataset.open(tmp_path).items[0], side_px=224, read=read_rgb)

    assert kept.target.shape == (448, 896)
    assert np.array_equal(kept.image[..., 0] > 100, kept.target > 0.5)


def test_the_untouched_part_of_a_photograph_misses_the_manipulation_and_keeps_its_grid() -> None:
    image = np.arange(64 * 96 * 3, dtype=np.uint32).reshape(64, 96, 3).astype(np.uint8)
    mask = np.zeros((64, 96), dtype=bool)
    mask[10:20, 13:30] = True

    part = untouched_part(image, mask)

    assert part.shape == (64, 64, 3)
    assert np.array_equal(part, image[:, 32:])
    assert untouched_part(image, None) is image


def test_the_retention_set_is_the_same_every_time(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    photographs = {name: rng.integers(0, 255, (320, 400, 3), dtype=np.uint8) for name in ("a", "b", "c")}

    first = retention_set(photographs, tmp_path / "one", count=6)
    second = retention_set(photographs, tmp_path / "two", count=6)

    assert first.manipulated
    assert [item.image.read_bytes() for item in first.items] == [item.image.read_bytes() for item in second.items]


def test_shares_that_leave_nothing_to_learn_from_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"at most 0\.8 together"):
        Shares(held_out=0.7, validation=0.2)


def test_groups_are_those_of_the_sources(folder: Path) -> None:
    assert len(groups_by_source(TamperedDataset.open(folder).items)) == 14
