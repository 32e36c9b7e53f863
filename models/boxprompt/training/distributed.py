"""Several processes that train as one: each takes its share of every batch, and all take the same step.

Nothing here changes what a run computes. Samples are numbered, so a process makes those of its share whatever the
others do; gradients are added up, scaled beforehand by what is labelled in the whole batch; BatchNorm has the
statistics of the whole batch (`boxprompt.training.global_batch_norm`). The curve of a run is therefore that of one
process with the same batch, up to the order in which floats are added.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import distributed, nn

from boxprompt.errors import BoxpromptError, ConfigurationError, DeviceUnavailableError
from boxprompt.training.collectives import add_over_processes, told_when_lost
from boxprompt.training.global_batch_norm import synchronise_batch_norms
from boxprompt.training.launch import Place

# The first process validates and writes while the others wait for it in the next step.
_LONGEST_WAIT = datetime.timedelta(hours=2)

T = TypeVar("T")


class ProcessGroup:
    """What the processes of a run tell each other; a process that is alone tells nobody and pays nothing.

    Every method but `device` is called by all processes, in the same order.

    Args (of the constructor):
        place: which of them this one is.
    """

    def __init__(self, place: Place = Place()) -> None:  # noqa: B008 - frozen
        self._place = place

    @property
    def is_first(self) -> bool:
        """Whether this process writes, validates and speaks."""
        return self._place.is_first

    @property
    def rank(self) -> int:
        """Number of this process, from 0."""
        return self._place.rank

    @property
    def world(self) -> int:
        """How many processes there are."""
        return self._place.world

    def device(self, chosen: torch.device) -> torch.device:
        """The device of this process: with several on a host, each has a CUDA device of its own.

        Raises:
            ConfigurationError: processes cannot share work on such a device.
            DeviceUnavailableError: there are more processes than CUDA devices on this host.
        """
        if self.world == 1 or chosen.type == "cpu":
            return chosen
        if chosen.type != "cuda":
            raise ConfigurationError(f"Several processes train on CPUs or CUDA devices, not on {chosen.type}.")
        if self._place.local_rank >= torch.cuda.device_count():
            raise DeviceUnavailableError(
                f"This host has {torch.cuda.device_count()} CUDA devices; start one process for each of them at most."
            )
        return torch.device("cuda", self._place.local_rank)

    def require_alone(self, what: str) -> None:
        """Refuse several processes where nothing divides the work.

        Args:
            what: is trained, as "A fingerprint".

        Raises:
            ConfigurationError: this process is not alone.
        """
        if self.world > 1:
            raise ConfigurationError(f"{what} trains in one process; start it without torchrun.")

    def prepare(self, network: nn.Module) -> None:
        """Give BatchNorm the statistics of the whole batch, and every process the first one's weights."""
        if self.world == 1:
            return
        synchronise_batch_norms(network, rank=self.rank, world=self.world)
        # The same seed gives the same start on like machines; unlike ones may round differently.
        for value in network.state_dict().values():
            with told_when_lost():
                distributed.broadcast(value, src=0)

    def total(self, values: Sequence[float]) -> list[float]:
        """Sums over all processes, in float64."""
        if self.world == 1:
            return list(values)
        summed = torch.tensor(values, dtype=torch.float64)
        add_over_processes(summed)
        return [float(value) for value in summed]

    def any(self, holds: bool) -> bool:
        """Whether it holds in any process."""
        return self.total([float(holds)])[0] > 0

    def add_gradients(self, network: nn.Module) -> None:
        """Replace every gradient by its sum over all processes, the same bits in each of them."""
        if self.world == 1:
            return
        gradients = [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
        flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
        add_over_processes(flat)
        for gradient, summed in zip(gradients, flat.split([one.numel() for one in gradients]), strict=True):
            gradient.copy_(summed.view_as(gradient))

    def from_first(self, make: Callable[[], T]) -> T:
        """What the first process makes, in all of them; where it fails, all fail alike.

        Only the first process of the same run is listened to, so what it sends is unpickled.

        Raises:
            BoxpromptError: what `make` raised.
        """
        if self.world == 1:
            return make()
        made: list[T | BoxpromptError | None] = [_made_or_error(make) if self.is_first else None]
        with told_when_lost():
            distributed.broadcast_object_list(made, src=0)
        (received,) = made
        if isinstance(received, BoxpromptError):
            raise received
        assert received is not None
        return received


ALONE = ProcessGroup()
"""The group of a run in one process."""


@contextmanager
def joined(environment: Mapping[str, str] = os.environ) -> Iterator[ProcessGroup]:
    """Join the processes that `torchrun` started beside this one, on this and other hosts; alone without it.

    CPUs exchange through gloo, CUDA devices through NCCL.

    Raises:
        ConfigurationError: the launcher's variables make no sense, or this torch cannot do it.
        ProcessLostError: the other processes were not found.
    """
    place = Place.from_environment(environment)
    if place.world == 1:
        yield ALONE
        return
    if not distributed.is_available():
        raise ConfigurationError("This build of torch trains in one process only (it lacks torch.distributed).")
    on_cuda = torch.cuda.is_available() and distributed.is_nccl_available()
    if on_cuda and place.local_rank < torch.cuda.device_count():
        torch.cuda.set_device(place.local_rank)
    with told_when_lost():
        distributed.init_process_group("cpu:gloo,cuda:nccl" if on_cuda else "gloo", timeout=_LONGEST_WAIT)
    failed = True
    try:
        yield ProcessGroup(place)
        failed = False
    finally:
        # After a failure NCCL would wait for processes that have no reason to come, and nobody would read why.
        if not (failed and on_cuda):
            distributed.destroy_process_group()


def _made_or_error(make: Callable[[], T]) -> T | BoxpromptError:
    try:
        return make()
    except BoxpromptError as error:
        return error
