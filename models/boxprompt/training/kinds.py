"""Kinds of runs beside the student's: each has a table of its own in its TOML file, and a network of its own."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor

from boxprompt.errors import ConfigurationError
from boxprompt.training.config import PhotoFolder, RunConfig
from boxprompt.training.run import read_toml, write_state
from boxprompt.weights import WeightsFile, read_weights


class Shape(Protocol):
    """What a network looks like: its configuration, as its card keeps it."""

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        ...


ConfigT = TypeVar("ConfigT", bound=RunConfig)
ShapeT = TypeVar("ShapeT", bound=Shape)


@dataclass(frozen=True, slots=True)
class RunKind(Generic[ConfigT, ShapeT]):
    """What tells the runs of one network from those of another.

    Attributes:
        table: name of the table in the TOML file, and of the field of its configuration, that describes the network.
        read: reads a configuration from a TOML file.
        shape_of_dict: the network's shape of such a table; a ValueError where it cannot be had.
        photos_of: what a run is trained on.
        architecture: name of the network on cards.
        input_mean: of its input, by channel.
        input_std: of its input, by channel.
    """

    table: str
    read: Callable[[Path], ConfigT]
    shape_of_dict: Callable[[dict[str, Any]], ShapeT]
    photos_of: Callable[[ConfigT], Sequence[PhotoFolder]]
    architecture: str
    input_mean: tuple[float, float, float]
    input_std: tuple[float, float, float]

    def describes(self, path: Path) -> bool:
        """Whether a run's TOML file is of this kind: it has the table. False where it cannot be read."""
        try:
            with path.open("rb") as stream:
                return self.table in tomllib.load(stream)
        except (OSError, ValueError):
            return False

    def read_config(self, path: Path) -> ConfigT:
        """Read a run's TOML file.

        Raises:
            ConfigurationError: it cannot be read or used; the message names what is wrong.
        """
        return read_toml(self.read, path)

    def shape(self, config: ConfigT) -> ShapeT:
        """What the network of a run looks like.

        Raises:
            ConfigurationError: there is no such network.
        """
        try:
            return self.shape_of_dict(getattr(config, self.table).model_dump())
        except ValueError as error:
            raise ConfigurationError(f"[{self.table}] cannot be used: {error}.") from error

    def initial_state(self, config: ConfigT) -> dict[str, Tensor] | None:
        """The state to start from; None for a random one.

        Raises:
            ConfigurationError: the weights to start from are of another network.
            WeightsNotFoundError: they are not there.
            WeightsMismatchError: they were altered.
        """
        initial = config.run.initial
        if initial is None:
            return None
        parent = read_weights(initial)
        card = parent.card
        if card.architecture != self.architecture or self.shape_of_dict(card.student) != self.shape(config):
            raise ConfigurationError(f"[{self.table}] differs from that of the weights to start from, {initial}.")
        return {name: torch.from_numpy(value) for name, value in parent.tensors().items()}

    def export(self, state: dict[str, Tensor], config: ConfigT, *, step: int) -> WeightsFile:
        """Write a state as weights with a card into the run's output folder.

        The threshold starts at 0.5; calibration replaces it and says from what.
        """
        return write_state(
            state,
            {
                "id": config.name,
                "architecture": self.architecture,
                "student": self.shape(config).to_dict(),
                "input_mean": self.input_mean,
                "input_std": self.input_std,
                "threshold_origin": "not calibrated",
                "recipe": config.recipe_record(),
                "steps": step,
                "parent": None if config.run.initial is None else read_weights(config.run.initial).card.sha256,
            },
            photos=self.photos_of(config),
            folder=config.run.output,
        )
