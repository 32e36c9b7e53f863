"""A run from its TOML file to weights with a card: the wiring between photographs, synthesis, trainer and export."""

from __future__ import annotations

import datetime
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from pydantic import ValidationError
from torch import Tensor

from boxprompt.data.synthesis import SynthesisConfig
from boxprompt.errors import ConfigurationError
from boxprompt.faults import faults
from boxprompt.network.config import StudentConfig
from boxprompt.network.student import ARCHITECTURE
from boxprompt.training.config import PhotoFolder, TrainingConfig
from boxprompt.training.distributed import ALONE, ProcessGroup
from boxprompt.training.log import TrainingEvent
from boxprompt.training.loop import INPUT_MEAN, INPUT_STD, TrainingResult
from boxprompt.training.run_data import (
    VALIDATION_STREAM,
    note_datasets,
    open_pools,
    open_run_data,
    photo_sources,
    require_noted_datasets,
)
from boxprompt.training.trainer import Trainer
from boxprompt.training.validation import ValidationSet
from boxprompt.weights import TrainingSource, WeightsFile, read_weights, write_weights

_Config = TypeVar("_Config")

__all__ = [
    "VALIDATION_STREAM",
    "TrainedRun",
    "code_commit",
    "export",
    "open_pools",
    "read_config",
    "read_toml",
    "synthesis_config",
    "train",
    "write_state",
]


@dataclass(frozen=True, slots=True)
class TrainedRun:
    """How a run, or a piece of it, ended.

    Attributes:
        result: steps done, whether finished.
        weights: what it exported; the state of the last step, also where the run is not finished. None in every
            process of a group but the first.
    """

    result: TrainingResult
    weights: WeightsFile | None


def read_config(path: Path) -> TrainingConfig:
    """Read a run's TOML file.

    Raises:
        ConfigurationError: it cannot be read or used; the message names what is wrong.
    """
    return read_toml(TrainingConfig.read, path)


def read_toml(read: Callable[[Path], _Config], path: Path) -> _Config:
    """Read a configuration, its faults told in a sentence.

    Raises:
        ConfigurationError: it cannot be read or used; the message names what is wrong.
    """
    try:
        return read(path)
    except OSError as error:
        raise ConfigurationError(f"The configuration {path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        raise ConfigurationError(f"The configuration {path} cannot be used: {faults(error)}.") from error
    except ValueError as error:
        raise ConfigurationError(f"The configuration {path} is not TOML: {error}.") from error


def train(
    config: TrainingConfig,
    *,
    resume: bool = False,
    on_event: Callable[[TrainingEvent], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
    group: ProcessGroup = ALONE,
) -> TrainedRun:
    """Train a student on composites, labelled datasets or both, and export it.

    Args:
        config: the run.
        resume: go on from the checkpoint in the run's output folder.
        on_event: called at every line of the log, in the first process.
        should_stop: asked after every step; a stopped run leaves a checkpoint and its weights so far.
        group: the processes that train together.

    Raises:
        ConfigurationError: no photographs, datasets that cannot be used, or synthesis fields that do not exist.
        CheckpointError: nothing to resume, a checkpoint of another recipe, or datasets that have changed since.
        DeviceUnavailableError: no such device.
        WeightsNotFoundError: the weights to start from are not there.
        WeightsMismatchError: they were altered.
        ProcessLostError: another process of the group is gone.
    """
    data = open_run_data(
        config.data,
        synthesis=synthesis_config(config.data.synthesis),
        side_px=config.student.input_side_px,
        seed=config.run.seed,
    )
    trainer = Trainer(
        config,
        source=data.training,
        validation=ValidationSet(data.validation, mean=INPUT_MEAN, std=INPUT_STD) if group.is_first else None,
        initial=_initial_state(config),
        group=group,
    )
    if resume:
        require_noted_datasets(data.sources, config.run.output)
        trainer.resume()
    elif group.is_first and config.data.datasets:
        note_datasets(data.sources, config.run.output)
    result = trainer.run(on_event=on_event, should_stop=should_stop)
    weights = None
    if group.is_first:
        weights = export(trainer.shipped_state(), config, step=result.step, sources=data.sources)
    return TrainedRun(result=result, weights=weights)


def export(
    state: dict[str, Tensor], config: TrainingConfig, *, step: int, sources: Sequence[TrainingSource]
) -> WeightsFile:
    """Write a state as weights with a card into the run's output folder; `sources` is what it learned from.

    The threshold starts at the paper's 0.5; calibration replaces it and says from what.
    """
    return write_state(
        state,
        {
            "id": config.name,
            "architecture": ARCHITECTURE,
            "training_data": tuple(sources),
            "student": StudentConfig.from_dict(config.student.model_dump()).to_dict(),
            "input_mean": INPUT_MEAN,
            "input_std": INPUT_STD,
            "threshold_origin": "the paper's, not calibrated",
            "recipe": config.recipe_record(),
            "steps": step,
            "parent": None if config.run.initial is None else read_weights(config.run.initial).card.sha256,
        },
        photos=config.data.photos,
        folder=config.run.output,
    )


def write_state(
    state: dict[str, Tensor], card_fields: dict[str, Any], *, photos: Sequence[PhotoFolder], folder: Path
) -> WeightsFile:
    """Write a trained state as weights; what every run's card says alike is filled in here.

    Args:
        state: state dict.
        card_fields: fields of the card that are this run's own.
        photos: what it was trained on.
        folder: where to.
    """
    fields: dict[str, Any] = {
        "threshold": 0.5,
        "training_data": photo_sources(photos),
        "code_commit": code_commit(),
        "licence": "Apache-2.0 for the weights as such; the terms of the training photographs stand beside them",
        "created": datetime.datetime.now(datetime.UTC).date().isoformat(),
        **card_fields,
    }
    tensors = {
        name: value.detach().float().cpu().numpy() if value.is_floating_point() else value.cpu().numpy()
        for name, value in state.items()
    }
    return write_weights(tensors, fields, folder)


def code_commit() -> str:
    """Commit of the source tree this module runs from, «-dirty» where it was changed; «unknown» outside a checkout."""
    here = Path(__file__).resolve().parent
    try:
        top = subprocess.run(
            ["git", "rev-parse", "--show-toplevel"], cwd=here, capture_output=True, text=True, check=True, timeout=10
        ).stdout.strip()
        # Installed below some other repository, git would answer for that one.
        if here != Path(top, "models", "boxprompt", "training"):
            return "unknown"
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
            cwd=here,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return described.stdout.strip()


def _initial_state(config: TrainingConfig) -> dict[str, Tensor] | None:
    if config.run.initial is None:
        return None
    parent = read_weights(config.run.initial)
    if parent.card.student != StudentConfig.from_dict(config.student.model_dump()).to_dict():
        raise ConfigurationError(f"[student] differs from that of the weights to start from, {config.run.initial}.")
    return {name: torch.from_numpy(value) for name, value in parent.tensors().items()}


def synthesis_config(table: dict[str, Any]) -> SynthesisConfig:
    """The configuration of a `[data.synthesis]` table.

    Raises:
        ConfigurationError: an unknown setting, or a value that cannot be drawn from.
    """
    try:
        return SynthesisConfig.from_mapping(table)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"[data.synthesis] cannot be used: {error}") from error
