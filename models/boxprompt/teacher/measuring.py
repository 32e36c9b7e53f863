"""What a benchmark needs of SAM where no checkpoint is at hand: networks of the true shape, and their multiply-adds."""

from __future__ import annotations

import torch
from torch.utils.flop_counter import FlopCounterMode

from boxprompt.errors import WeightsNotFoundError
from boxprompt.teacher.checkpoints import Checkpoint, checkpoint_of_id
from boxprompt.teacher.networks import INPUT_SIDE_PX, build_sam, encoder_steps, expected_shapes, fill
from boxprompt.teacher.sam import SamTeacher

RANDOM_SHA256 = "0" * 64
"""Stands for the hash of weights that were never in a file."""

_SPREAD = 0.02  # as ViTs are initialised: numbers neither vanish nor overflow on the way through


def random_sam(id: str, *, device: str = "auto", seed: int = 0) -> SamTeacher:
    """A SAM of the true shape with random weights: its times are SAM's, its masks mean nothing, and its name says so.

    Args:
        id: of a segmenter with a vision transformer: "sam-vit-b", "sam-vit-l" or "sam-vit-h".
        device: "auto", "cpu", "cuda" or "mps".
        seed: of the weights.

    Raises:
        WeightsNotFoundError: there is no such segmenter.
        DeviceUnavailableError: no such device.
    """
    checkpoint = _require(id)
    generator = torch.Generator().manual_seed(seed)
    network = build_sam(checkpoint.architecture)
    shapes = expected_shapes(network)
    fill(
        network,
        {name: torch.randn(shape, generator=generator) * _SPREAD for name, shape in shapes.items()},
        source="random weights",
    )
    return SamTeacher(network, checkpoint, sha256=RANDOM_SHA256, device=device)


def encoder_macs(id: str) -> int:
    """Multiply-adds of convolutions and matrix products in which a SAM encodes one image; nothing is computed.

    Raises:
        WeightsNotFoundError: there is no such segmenter.
    """
    encoder = build_sam(_require(id).architecture).image_encoder.to("meta")
    x = torch.zeros(1, 3, INPUT_SIDE_PX, INPUT_SIDE_PX, device="meta")
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        for step in encoder_steps(encoder):
            x = step(x)
    return int(counter.get_total_flops()) // 2


def _require(id: str) -> Checkpoint:
    checkpoint = checkpoint_of_id(id)
    if checkpoint is None:
        raise WeightsNotFoundError(f"There is no segmenter «{id}» with weights.")
    return checkpoint
