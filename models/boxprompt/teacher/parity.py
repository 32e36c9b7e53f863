"""Where and in which precision a SAM computes: decided by a small trial against float32 on the CPU, before first use.

GPUs have been seen to give wrong masks where the CPU is right, and bfloat16 to be slower than float32 on processors
that have no instructions for it; nobody sees either from outside. The trial runs the whole network, encoder and
decoder, on a fixed picture of 256×256: a sixteenth of the work of an image, and as deep.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from boxprompt.contracts import RgbImage
from boxprompt.errors import ConfigurationError
from boxprompt.inference.device import describe_device
from boxprompt.teacher.executor import SamExecutor
from boxprompt.teacher.networks import SamNetwork, encoder_steps
from boxprompt.teacher.sam_prompts import SamPrompts

MakeExecutor: TypeAlias = Callable[..., SamExecutor]

PRECISIONS = ("auto", "float32", "bfloat16")
AGREEMENT = 1e-2
"""Largest difference of a logit from float32 on the CPU, as a share of the largest logit where that exceeds 1."""
LEAST_SPEEDUP = 1.2
"""bfloat16 is taken where the encoder runs so many times faster: less is lost in the noise of a timing."""

_PROBE_SIDE_PX = 256
_PROBE_BOX = (64.0, 48.0, 200.0, 176.0)
_TIMINGS = 3


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a SAM computes.

    Attributes:
        executor: the network on its device.
        notices: sentences a user must be told.
        difference: of the logits from float32 on the CPU in the trial, in units of `AGREEMENT`'s; None where nothing
            else was tried.
        speedup: of bfloat16 in the trial; None where it was not timed.
    """

    executor: SamExecutor
    notices: tuple[str, ...] = ()
    difference: float | None = None
    speedup: float | None = None

    def after(self, *notices: str) -> Placement:
        """The same with notices that came before its own."""
        return replace(self, notices=(*notices, *self.notices))


def place(
    network: SamNetwork, device: torch.device, *, precision: str = "auto", make_executor: MakeExecutor = SamExecutor
) -> Placement:
    """Take a network to a device if it computes the same there, and to the CPU otherwise.

    Args:
        network: filled, on the CPU.
        device: wanted; off the CPU it computes in float32.
        precision: of the image encoder on the CPU: "float32", "bfloat16", or "auto" for bfloat16 where it is faster and
            agrees.
        make_executor: builds the network on a device.

    Raises:
        ConfigurationError: no such precision.
    """
    if precision not in PRECISIONS:
        raise ConfigurationError(f"There is no precision «{precision}»; choose one of {', '.join(PRECISIONS)}.")
    cpu = make_executor(network, torch.device("cpu"))
    if device.type == "cpu":
        return _on_cpu(cpu, network, precision, make_executor)
    name = describe_device(device)
    try:
        executor = make_executor(network, device)
        difference = logit_difference(executor, cpu)
    except RuntimeError as error:  # out of memory, or an operator that the device lacks
        reason = str(error).partition("\n")[0]
        notice = f"{name} could not run this segmenter ({reason}); the CPU computes."
        return _on_cpu(cpu, network, precision, make_executor).after(notice)
    if difference <= AGREEMENT:
        return Placement(executor, difference=difference)
    notice = f"{name} gives other masks than the CPU in the self-test; the CPU computes."
    return _on_cpu(cpu, network, precision, make_executor).after(notice)


def logit_difference(executor: SamExecutor, reference: SamExecutor) -> float:
    """Largest difference of two executors' logits on the trial picture, as `AGREEMENT` counts it; inf for NaN."""
    ours, theirs = (_probe_logits(each) for each in (executor, reference))
    difference = float(np.abs(ours - theirs).max()) / max(1.0, float(np.abs(theirs).max()))
    return difference if np.isfinite(difference) else float("inf")


def _on_cpu(cpu: SamExecutor, network: SamNetwork, precision: str, make_executor: MakeExecutor) -> Placement:
    if precision == "float32":
        return Placement(cpu)
    halved = make_executor(network, cpu.device, dtype=torch.bfloat16)
    if precision == "bfloat16":
        return Placement(halved)
    # A block first: where bfloat16 is emulated, the whole network would take minutes to say so.
    speedup = _block_seconds(cpu) / _block_seconds(halved)
    if speedup < LEAST_SPEEDUP:
        return Placement(cpu, speedup=speedup)
    speedup = _encoder_seconds(cpu) / _encoder_seconds(halved)
    difference = logit_difference(halved, cpu)
    is_taken = speedup >= LEAST_SPEEDUP and difference <= AGREEMENT
    return Placement(halved if is_taken else cpu, difference=difference, speedup=speedup)


def _probe_image() -> RgbImage:
    """A picture with edges, shades and grain: what a photograph excites, a flat one would not."""
    rows, columns = np.mgrid[0:_PROBE_SIDE_PX, 0:_PROBE_SIDE_PX]
    shades = np.stack([rows, columns, (rows + columns) // 2], axis=2) // 2
    disc = np.hypot(rows - 112, columns - 132) < 56
    grain = np.random.default_rng(20251120).integers(0, 48, shades.shape)
    return np.asarray(shades + 80 * disc[..., None] + grain, dtype=np.uint8)


def _probe_logits(executor: SamExecutor) -> NDArray[np.float32]:
    prompts = SamPrompts(
        points=np.zeros((0, 2), dtype=np.float32),
        labels=np.zeros(0, dtype=np.int32),
        box=np.array(_PROBE_BOX, dtype=np.float32),
    )
    logits, _ = executor.decode(executor.embed(_probe_image(), side_px=_PROBE_SIDE_PX), prompts)
    return logits


def _encoder_seconds(executor: SamExecutor) -> float:
    """Time of the image encoder on the trial picture."""
    started = time.perf_counter()
    executor.embed(_probe_image(), side_px=_PROBE_SIDE_PX)
    return time.perf_counter() - started


@torch.inference_mode()
def _block_seconds(executor: SamExecutor) -> float:
    """Least time of the encoder's second step, a block as there are many, on what the first step makes of the trial."""
    pixels = torch.from_numpy(_probe_image()).permute(2, 0, 1)[None] / 255
    first, second = encoder_steps(executor.network.image_encoder)[:2]
    seconds = []
    with executor.autocast():
        tokens = first(pixels)
        for _ in range(_TIMINGS):
            started = time.perf_counter()
            second(tokens)
            seconds.append(time.perf_counter() - started)
    return min(seconds)
