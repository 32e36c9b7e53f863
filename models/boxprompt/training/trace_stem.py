"""A run of the trace stem, from its TOML file to weights with a card."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from boxprompt.data.synthesis import Synthesizer
from boxprompt.errors import ConfigurationError
from boxprompt.network.trace.stem import ARCHITECTURE, INPUT_MEAN, INPUT_STD, TraceStem, TraceStemConfig
from boxprompt.training.distributed import ALONE, ProcessGroup
from boxprompt.training.log import TrainingEvent
from boxprompt.training.loop import TRAINING_STREAM, NetworkTrainer
from boxprompt.training.run import (
    VALIDATION_STREAM,
    TrainedRun,
    open_pools,
    read_toml,
    synthesis_config,
    write_state,
)
from boxprompt.training.samples import SampleSource
from boxprompt.training.trace_stem_config import TraceStemTrainingConfig
from boxprompt.training.trace_stem_samples import AlignedCropDataset
from boxprompt.training.validation import ValidationSet
from boxprompt.weights import WeightsFile, read_weights

# Share of a crop that is manipulated, on average: where the last bias starts.
_MANIPULATED_SHARE = 0.15


def describes_trace_stem(path: Path) -> bool:
    """Whether a run's TOML file is of this kind: it has a table `[trace_stem]`. False where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return "trace_stem" in tomllib.load(stream)
    except (OSError, ValueError):
        return False


def read_config(path: Path) -> TraceStemTrainingConfig:
    """Read a run's TOML file.

    Raises:
        ConfigurationError: it cannot be read or used; the message names what is wrong.
    """
    return read_toml(TraceStemTrainingConfig.read, path)


def train(
    config: TraceStemTrainingConfig,
    *,
    resume: bool = False,
    on_event: Callable[[TrainingEvent], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
    group: ProcessGroup = ALONE,
) -> TrainedRun:
    """Train a trace stem on aligned crops of composites and export it.

    Args:
        config: the run.
        resume: go on from the checkpoint in the run's output folder.
        on_event: called at every line of the log, in the first process.
        should_stop: asked after every step; a stopped run leaves a checkpoint and its weights so far.
        group: the processes that train together.

    Raises:
        ConfigurationError: no photographs, synthesis fields that do not exist, or other weights to start from.
        CheckpointError: nothing to resume, or a checkpoint of another recipe.
        DeviceUnavailableError: no such device.
        WeightsNotFoundError: the weights to start from are not there.
        WeightsMismatchError: they were altered.
        ProcessLostError: another process of the group is gone.
    """
    training, validation = open_pools(
        config.data.photos, validation_share=config.data.validation_share, seed=config.run.seed
    )
    synthesis = synthesis_config(config.data.synthesis)
    held_out = _crops(
        config, Synthesizer(validation, synthesis), stream=VALIDATION_STREAM, length=config.data.validation_count
    )
    run = trainer(
        config,
        source=Synthesizer(training, synthesis),
        validation=ValidationSet(held_out, mean=INPUT_MEAN, std=INPUT_STD) if group.is_first else None,
        group=group,
    )
    if resume:
        run.resume()
    result = run.run(on_event=on_event, should_stop=should_stop)
    weights = export(run.shipped_state(), config, step=result.step) if group.is_first else None
    return TrainedRun(result=result, weights=weights)


def trainer(
    config: TraceStemTrainingConfig,
    *,
    source: SampleSource,
    validation: ValidationSet | None,
    group: ProcessGroup = ALONE,
) -> NetworkTrainer:
    """The training loop of a trace stem.

    Args:
        config: the run.
        source: draws composites.
        validation: composites to score; only the first process of a group needs them.
        group: the processes that train together.

    Raises:
        ConfigurationError: the weights to start from are of another architecture, the batch cannot be shared by the
            processes, or TensorBoard is missing.
        DeviceUnavailableError: no such device.
        WeightsNotFoundError: the weights to start from are not there.
        WeightsMismatchError: they were altered.
    """
    initial = _initial_state(config)

    def build() -> TraceStem:
        network = TraceStem(_architecture(config))
        if initial is None:
            network.initialise_bias(_MANIPULATED_SHARE)
        else:
            network.load_state_dict(initial)
        return network

    return NetworkTrainer(
        config,
        build=build,
        samples=lambda length: _crops(config, source, stream=TRAINING_STREAM, length=length),
        validation=validation,
        mean=INPUT_MEAN,
        std=INPUT_STD,
        group=group,
    )


def export(state: dict[str, Tensor], config: TraceStemTrainingConfig, *, step: int) -> WeightsFile:
    """Write a state as weights with a card into the run's output folder.

    The threshold starts at 0.5; calibration replaces it and says from what.
    """
    return write_state(
        state,
        {
            "id": config.name,
            "architecture": ARCHITECTURE,
            "student": _architecture(config).to_dict(),
            "input_mean": INPUT_MEAN,
            "input_std": INPUT_STD,
            "threshold_origin": "not calibrated",
            "recipe": config.recipe_record(),
            "steps": step,
            "parent": None if config.run.initial is None else read_weights(config.run.initial).card.sha256,
        },
        photos=config.data.photos,
        folder=config.run.output,
    )


def _architecture(config: TraceStemTrainingConfig) -> TraceStemConfig:
    try:
        return TraceStemConfig.from_dict(config.trace_stem.model_dump())
    except ValueError as error:
        raise ConfigurationError(f"[trace_stem] cannot be used: {error}.") from error


def _crops(config: TraceStemTrainingConfig, source: SampleSource, *, stream: int, length: int) -> AlignedCropDataset:
    return AlignedCropDataset(
        source,
        side_px=config.data.crop_side_px,
        seed=config.run.seed,
        stream=stream,
        length=length,
    )


def _initial_state(config: TraceStemTrainingConfig) -> dict[str, Tensor] | None:
    if config.run.initial is None:
        return None
    parent = read_weights(config.run.initial)
    if parent.card.architecture != ARCHITECTURE or TraceStemConfig.from_dict(parent.card.student) != _architecture(
        config
    ):
        raise ConfigurationError(f"[trace_stem] differs from that of the weights to start from, {config.run.initial}.")
    return {name: torch.from_numpy(value) for name, value in parent.tensors().items()}
