"""Training learns, stops when told, and goes on from a checkpoint to the bit."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from boxprompt.errors import CheckpointError, ConfigurationError
from boxprompt.inference.preprocess import normalise
from boxprompt.network.config import StudentConfig
from boxprompt.network.student import Student
from boxprompt.training.averaging import WeightAverage
from boxprompt.training.checkpoint import Checkpoint
from boxprompt.training.config import TrainingConfig
from boxprompt.training.loop import INPUT_MEAN, INPUT_STD, learning_rate, to_input
from boxprompt.training.losses import masked_bce
from boxprompt.training.samples import SynthesisDataset, native_tile, whole_view
from boxprompt.training.trainer import Trainer
from boxprompt.training.validation import ValidationSet
from boxprompt.weights import read_weights
from tests.boxprompt.training import little_run


@dataclass(frozen=True)
class Square:
    image: NDArray[np.uint8]
    mask: NDArray[np.bool_]


class BrightSquares:
    """Images whose manipulated square is plainly brighter: learnable in a few steps."""

    def sample(self, rng: np.random.Generator) -> Square:
        image = rng.integers(40, 90, (256, 320, 3), dtype=np.uint8)
        mask = np.zeros((256, 320), dtype=bool)
        top, left = rng.integers(0, 128, 2)
        mask[top : top + 128, left : left + 128] = True
        image[mask] += 120
        return Square(image, mask)


def config(folder: Path, **recipe: Any) -> TrainingConfig:
    steps = {"steps": 4, "batch_size": 2, "warmup_steps": 1, "ema_decay": 0.9, "learning_rate": 1e-3, **recipe}
    return TrainingConfig.model_validate(
        {
            "name": "trial",
            "data": {"photos": [{"path": "nowhere", "terms": "none"}], "workers": 0, "tile_share": 0.5},
            "recipe": steps,
            "run": {"output": str(folder), "device": "cpu", "validate_every": 2},
        }
    )


def dataset(length: int, *, tile_share: float = 0.0, stream: int = 1) -> SynthesisDataset:
    return SynthesisDataset(BrightSquares(), side_px=224, seed=0, stream=stream, length=length, tile_share=tile_share)


@pytest.fixture(scope="module")
def validation() -> ValidationSet:
    return ValidationSet(dataset(4), mean=INPUT_MEAN, std=INPUT_STD)


def trainer(folder: Path, validation: ValidationSet, **recipe: Any) -> Trainer:
    return Trainer(config(folder, **recipe), source=BrightSquares(), validation=validation)


@pytest.fixture
def two_threads() -> Iterator[None]:
    """More than one thread, so that the order in which gradients are added could differ."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("two_threads")
def test_a_run_in_two_pieces_equals_a_run_in_one(tmp_path: Path, validation: ValidationSet) -> None:
    whole = trainer(tmp_path / "whole", validation)
    assert whole.run().finished

    steps = iter([False, True])
    piece = trainer(tmp_path / "pieces", validation)
    assert not piece.run(should_stop=lambda: next(steps)).finished
    rest = trainer(tmp_path / "pieces", validation)
    rest.resume()
    assert rest.run().step == 4

    for name, value in whole.shipped_state().items():
        assert torch.equal(value, rest.shipped_state()[name]), name
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, rest.network.state_dict()[name]), name


def test_the_loss_falls_on_a_learnable_task(tmp_path: Path, validation: ValidationSet) -> None:
    losses: list[float] = []
    run = trainer(tmp_path, validation, steps=16, warmup_steps=2, ema_decay=0.0)
    run.run(on_event=lambda event: losses.append(event.validation_loss) if event.validation_loss else None)
    assert losses[-1] < 0.7 * losses[0]


def test_the_log_has_a_row_for_every_validation(tmp_path: Path, validation: ValidationSet) -> None:
    trainer(tmp_path, validation).run()
    with (tmp_path / "log.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["step"] for row in rows] == ["2", "4"]
    assert all(0.0 <= float(row["validation_auc"]) <= 1.0 for row in rows)


def test_resuming_another_recipe_is_refused(tmp_path: Path, validation: ValidationSet) -> None:
    trainer(tmp_path, validation, steps=1).run()
    with pytest.raises(CheckpointError, match="another recipe"):
        trainer(tmp_path, validation, learning_rate=5e-4).resume()


def test_resuming_may_lengthen_the_schedule(tmp_path: Path, validation: ValidationSet) -> None:
    trainer(tmp_path, validation, steps=1).run()
    longer = trainer(tmp_path, validation, steps=2)
    longer.resume()
    assert longer.run().step == 2


def test_a_checkpoint_written_before_a_setting_existed_still_resumes(tmp_path: Path) -> None:
    little_run.trainer(little_run.settings(tmp_path, accumulate=1, steps=2)).run()
    path = tmp_path / "checkpoint.pt"
    state = Checkpoint.load(path)
    newer = {"accumulate", "edge_weight", "edge_width_px", "dice_weight", "deep_supervision"}
    assert newer <= set(state.recipe["recipe"])
    state.recipe["recipe"] = {name: value for name, value in state.recipe["recipe"].items() if name not in newer}
    state.save(path)
    longer = little_run.trainer(little_run.settings(tmp_path, accumulate=1, steps=3))
    longer.resume()
    assert longer.run().step == 3
    with pytest.raises(CheckpointError, match="another recipe"):
        little_run.trainer(little_run.settings(tmp_path, accumulate=2)).resume()


def test_the_record_of_weights_made_before_is_that_of_their_recipe(checkout: Path) -> None:
    weights = read_weights(checkout / "resources" / "weights" / "boxprompt-student-224.safetensors")
    recipe = TrainingConfig.read(checkout / "docs" / "results" / "recipes" / "boxprompt-student-224.toml")
    known, now = recipe.completed(weights.card.recipe), recipe.recipe_record()
    assert weights.card.recipe["recipe"].keys() < known["recipe"].keys()
    assert (known["student"], known["data"], known["recipe"]) == (now["student"], now["data"], now["recipe"])


def test_a_checkpoint_of_another_kind_of_run_is_refused(tmp_path: Path) -> None:
    little_run.trainer(little_run.settings(tmp_path, steps=2)).run()
    path = tmp_path / "checkpoint.pt"
    state = Checkpoint.load(path)
    for record in ({}, {**state.recipe, "unheard_of": 1}):
        replace(state, recipe=record).save(path)
        with pytest.raises(CheckpointError, match="another recipe"):
            little_run.trainer(little_run.settings(tmp_path, steps=2)).resume()


def test_parts_of_a_batch_give_the_curve_of_the_whole(tmp_path: Path) -> None:
    curves, states = [], []
    for accumulate in (1, 4):
        settings = little_run.settings(tmp_path / str(accumulate), **little_run.EXTRAS, accumulate=accumulate)
        run = little_run.trainer(settings, normed=False)
        losses: list[float] = []
        run.run(on_event=lambda event, losses=losses: losses.append(event.loss))
        curves.append(losses)
        states.append(run.network.state_dict())
    assert curves[1] == pytest.approx(curves[0], rel=1e-5)
    for name, value in states[0].items():
        assert torch.allclose(states[1][name], value, rtol=1e-4, atol=1e-6), name


def test_batch_norm_knows_a_part_at_a_time(tmp_path: Path) -> None:
    # The one thing in which a batch in parts is another: said in the recipe's documentation.
    counted = []
    for accumulate in (1, 4):
        settings = little_run.settings(tmp_path / str(accumulate), accumulate=accumulate)
        run = little_run.trainer(settings)
        run.run()
        counted.append(int(run.network.state_dict()["body.1.num_batches_tracked"]))
    assert counted == [little_run.STEPS, 4 * little_run.STEPS]


def test_heads_on_the_scales_train_and_are_not_shipped(tmp_path: Path, validation: ValidationSet) -> None:
    plain = trainer(tmp_path / "plain", validation, steps=1, batch_size=1)
    run = trainer(tmp_path, validation, steps=1, batch_size=1, deep_supervision=0.4)
    before = {name: value.clone() for name, value in run.network.state_dict().items()}
    # They are made last, so that everything else starts as it would without them.
    assert all(torch.equal(value, before[name]) for name, value in plain.network.state_dict().items())
    assert run.run().last is not None
    after = run.network.state_dict()
    heads = [name for name in after if name.startswith("auxiliary.")]
    assert len(heads) == 8 and all(not torch.equal(after[name], before[name]) for name in heads)
    shipped = run.shipped_state()
    assert set(shipped) == set(plain.shipped_state())
    Student(StudentConfig()).load_state_dict(shipped)


def test_the_log_forgets_steps_that_the_checkpoint_does_not_know(tmp_path: Path) -> None:
    def piece(steps: int, *, resume: bool = False) -> list[int]:
        run = little_run.trainer(little_run.settings(tmp_path, steps=steps, warmup_steps=1))
        if resume:
            run.resume()
        run.run()
        with (tmp_path / "log.csv").open() as stream:
            return [int(row["step"]) for row in csv.DictReader(stream)]

    assert piece(2) == [1, 2]
    with (tmp_path / "log.csv").open("a") as stream:
        stream.write("3,4,0.5,0.1,1.0,9.0,,,\r\n4,4,0.")  # a piece that was killed in the middle of a line
    assert piece(4, resume=True) == [1, 2, 3, 4]
    assert piece(2) == [1, 2]


def test_the_log_goes_to_tensorboard_where_asked_for(tmp_path: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    run = little_run.trainer(little_run.settings(tmp_path, run={"tensorboard": True}))
    losses: list[float] = []
    run.run(on_event=lambda event: losses.append(event.loss))
    events = accumulator.EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert [scalar.step for scalar in events.Scalars("loss")] == list(range(1, little_run.STEPS + 1))
    assert [scalar.value for scalar in events.Scalars("loss")] == pytest.approx(losses)
    assert len(events.Scalars("validation/loss")) == 1


def test_a_missing_tensorboard_is_told_before_the_run_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(ConfigurationError, match="pip install tensorboard"):
        little_run.trainer(little_run.settings(tmp_path, run={"tensorboard": True}))


def test_validation_scores_labelled_pixels_alone() -> None:
    class Samples:
        def __init__(self, unlabelled: int) -> None:
            self.unlabelled = unlabelled

        def __len__(self) -> int:
            return 3

        def __getitem__(self, index: int) -> tuple[torch.Tensor, ...]:
            image, target, _ = little_run.PartlyLabelled(3)[index]
            labelled = torch.ones_like(target, dtype=torch.bool)
            labelled[..., : self.unlabelled] = False
            return image, torch.where(labelled, target, 1 - target), labelled

    class Complete(Samples):
        def __getitem__(self, index: int) -> tuple[torch.Tensor, ...]:
            return little_run.PartlyLabelled(3)[index][:2]

    network = little_run.LittleNetwork()
    cpu, statistics = torch.device("cpu"), {"mean": (0.5,) * 3, "std": (0.25,) * 3}
    everything = ValidationSet(Samples(0), **statistics).score(network, device=cpu)
    assert everything == ValidationSet(Complete(0), **statistics).score(network, device=cpu)
    some = ValidationSet(Samples(6), **statistics).score(network, device=cpu)
    assert some != everything

    class Brightness(nn.Module):
        """Right where labels are right; the unlabelled pixels say the opposite."""

        def forward(self, images: torch.Tensor) -> little_run.LittleOutput:
            return little_run.LittleOutput(images.mean(dim=1, keepdim=True), ())

    assert ValidationSet(Complete(0), **statistics).score(Brightness(), device=cpu).validation_auc > 0.95
    assert ValidationSet(Samples(6), **statistics).score(Brightness(), device=cpu).validation_auc > 0.95
    with pytest.raises(ConfigurationError, match="is manipulated"):
        ValidationSet(Samples(16), **statistics)


def test_training_normalises_as_inference_does() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    ours = to_input(torch.from_numpy(images), torch.device("cpu")).numpy()
    assert np.allclose(ours, normalise(images, mean=INPUT_MEAN, std=INPUT_STD), atol=1e-5)


def test_images_keep_their_colours_and_flip_with_their_masks() -> None:
    for index in range(12):
        image, target = dataset(12, tile_share=0.5)[index]
        inside = target[0] > 0.99
        assert image[inside].float().mean() > image[target[0] < 0.01].float().mean() + 100
    red = np.zeros((300, 300, 3), np.uint8)
    red[..., 0] = 200
    squeezed, _ = whole_view(red, np.zeros((300, 300), bool), 224)
    assert squeezed[0, 0].tolist() == [200, 0, 0]


def test_the_average_forgets_as_its_decay_says() -> None:
    layer = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(layer.weight)
    average = WeightAverage(layer, decay=0.9)
    torch.nn.init.ones_(layer.weight)
    average.update(layer, step=1000)
    assert float(average.state["weight"]) == pytest.approx(0.1)
    average.update(layer, step=1000)
    assert float(average.state["weight"]) == pytest.approx(0.19)


def test_manipulated_pixels_weigh_as_asked() -> None:
    logits, target = torch.tensor([[[[0.0, 0.0]]]]), torch.tensor([[[[1.0, 0.0]]]])
    assert float(masked_bce(logits, target, positive_weight=3.0)) == pytest.approx(2 * np.log(2))


def test_a_missing_or_damaged_checkpoint_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no checkpoint"):
        Checkpoint.load(tmp_path / "checkpoint.pt")
    (tmp_path / "checkpoint.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(CheckpointError, match="cannot be read"):
        Checkpoint.load(tmp_path / "checkpoint.pt")


def test_a_checkpoint_that_carries_code_is_not_run(tmp_path: Path) -> None:
    class Payload:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "ran",))

    torch.save({"step": Payload()}, tmp_path / "checkpoint.pt")
    with pytest.raises(CheckpointError):
        Checkpoint.load(tmp_path / "checkpoint.pt")
    assert not (tmp_path / "ran").exists()


def test_the_rate_warms_up_holds_and_falls_to_zero(tmp_path: Path) -> None:
    recipe = config(tmp_path, steps=100, warmup_steps=10, hold_until=50).recipe
    assert learning_rate(recipe, 0) == pytest.approx(1e-4)
    assert learning_rate(recipe, 9) == learning_rate(recipe, 49) == pytest.approx(1e-3)
    assert learning_rate(recipe, 75) == pytest.approx(5e-4)
    assert learning_rate(recipe, 100) == pytest.approx(0.0, abs=1e-12)


def test_sample_i_is_the_same_however_often_it_is_drawn() -> None:
    first, again = dataset(8, tile_share=0.5), dataset(8, tile_share=0.5)
    for index in (7, 0, 3):
        for one, other in zip(first[index], again[index], strict=True):
            assert torch.equal(one, other)
    assert not torch.equal(first[0][0], first[1][0])
    assert not torch.equal(first[0][0], dataset(8, tile_share=0.5, stream=2)[0][0])


def test_the_whole_view_carries_the_share_of_manipulated_pixels() -> None:
    mask = np.zeros((448, 448), dtype=bool)
    mask[:, :225] = True
    image, target = whole_view(np.zeros((448, 448, 3), dtype=np.uint8), mask, 224)
    assert image.shape == (224, 224, 3)
    assert target[:, 111].min() == 1.0 and target[:, 112].max() == pytest.approx(0.5) and target[:, 113].max() == 0.0


def test_a_native_tile_keeps_image_and_mask_in_step() -> None:
    rng = np.random.default_rng(0)
    mask = np.zeros((400, 500), dtype=bool)
    mask[100:180, 300:420] = True
    image = np.repeat((mask * 255).astype(np.uint8)[..., None], 3, axis=2)
    for _ in range(20):
        tile, target = native_tile(image, mask, 224, rng)
        assert np.array_equal(tile[..., 0] == 255, target == 1.0)


def test_an_image_smaller_than_a_tile_is_shown_whole() -> None:
    rng = np.random.default_rng(0)
    tile, target = native_tile(np.zeros((100, 500, 3), np.uint8), np.ones((100, 500), bool), 224, rng)
    assert tile.shape == (224, 224, 3) and target.min() == 1.0


def test_unlabelled_pixels_do_not_count() -> None:
    logits = torch.tensor([[[[3.0, -50.0]]]], requires_grad=True)
    labelled = torch.tensor([[[[True, False]]]])
    loss = masked_bce(logits, torch.ones(1, 1, 1, 2), labelled=labelled)
    assert float(loss.detach()) == pytest.approx(float(torch.nn.functional.softplus(torch.tensor(-3.0))))
    assert float(masked_bce(logits, torch.ones(1, 1, 1, 2), labelled=torch.zeros_like(labelled)).detach()) == 0.0


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("recipe", {"steps": 0}),
        ("recipe", {"hold_until": 9}),
        ("recipe", {"accumulate": 3}),
        ("recipe", {"edge_weight": -1.0}),
        ("data", {"photos": []}),
        ("data", {"phtos": ["a"]}),
    ],
)
def test_an_impossible_configuration_is_refused(tmp_path: Path, table: str, values: dict[str, Any]) -> None:
    plain = config(tmp_path).model_dump()
    plain[table].update(values)
    with pytest.raises(ValueError, match=next(iter(values))):
        TrainingConfig.model_validate(plain)
