"""Which of several processes this one is, as `torchrun` tells it in the environment. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from boxprompt.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Place:
    """A process among those of one run; by default it is alone.

    Attributes:
        rank: number among all processes, from 0; the first one writes, validates and speaks.
        local_rank: number among those on this host, which is the number of its CUDA device.
        world: how many processes there are on all hosts together.
    """

    rank: int = 0
    local_rank: int = 0
    world: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this process writes, validates and speaks."""
        return self.rank == 0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Place:
        """Read RANK, LOCAL_RANK and WORLD_SIZE; without them the process is alone.

        Raises:
            ConfigurationError: they are no numbers that fit together.
        """
        told = {name: environment.get(name, default) for name, default in _VARIABLES.items()}
        try:
            rank, local_rank, world = (int(value) for value in told.values())
        except ValueError as error:
            raise ConfigurationError(f"The launcher's variables are no numbers: {_listed(told)}.") from error
        if not 0 <= local_rank <= rank < world:
            raise ConfigurationError(f"The launcher's variables do not fit together: {_listed(told)}.")
        return cls(rank=rank, local_rank=local_rank, world=world)


_VARIABLES = {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1"}


def _listed(told: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in told.items())
