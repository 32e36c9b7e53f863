"""What the benchmark needs beside the ports of an analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.errors import ForensicError
from forensic_gui.services.ports import Localizer
from forensic_gui.services.progress import CancelToken


class ForwardProbe(Protocol):
    """The localizer's network by itself, and this machine's arithmetic, on the same device with the same threads."""

    @property
    def macs(self) -> int:
        """Multiply-adds of one forward pass."""
        ...

    @property
    def matrix_macs(self) -> int:
        """Multiply-adds of one matrix product."""
        ...

    def forward(self) -> None:
        """One forward pass of a prepared input, to its score maps."""
        ...

    def multiply_matrices(self) -> None:
        """One float32 matrix product."""
        ...

    def resize(self, pixels: NDArray[np.uint8]) -> None:
        """Make the network's input size of an image, uint8 (H, W, 3)."""
        ...


class MeasurableLocalizer(Localizer, Protocol):
    """A localizer that also shows its network by itself."""

    def speed_probe(self) -> ForwardProbe:
        """The network by itself; not to be used while an image is localized."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """What a process said.

    Attributes:
        seconds: since the process was started.
        values: the JSON object it wrote.
    """

    seconds: float
    values: Mapping[str, Any]


class RunProbe(Protocol):
    """Starts this program afresh to measure itself, and waits for its end."""

    def __call__(self, arguments: Sequence[str], *, cancel: CancelToken) -> Sequence[Message]:
        """Run `forensic-gui benchmark` with `arguments`; return what it wrote.

        Raises:
            ProbeError: it ended with a failure, or did not end in time; the sentence says why.
            Cancelled: stopping was asked for.
        """
        ...


class ProbeError(ForensicError):
    """A process that was to measure itself could not; its figures are missing."""
