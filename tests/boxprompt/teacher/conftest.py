"""SAMs with random weights: small ones to compute with, one checkpoint of the true shape to load."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from boxprompt.teacher.networks import assemble_sam, build_sam, build_vit, expected_shapes


def random_tensors(shapes: Mapping[str, tuple[int, ...]], *, seed: int = 0) -> dict[str, torch.Tensor]:
    """Numbers for every tensor, scaled so that a signal neither fades nor explodes on its way through."""
    generator = torch.Generator().manual_seed(seed)

    def draw(name: str, shape: tuple[int, ...]) -> torch.Tensor:
        if not shape:
            return torch.tensor(0)
        if name.endswith("running_var") or (len(shape) == 1 and name.endswith("weight")):
            return torch.rand(shape, generator=generator) + 0.5
        numbers = torch.randn(shape, generator=generator)
        if name.endswith("attention_biases") or "gaussian" in name:
            return numbers
        if len(shape) == 1 or "embed" in name or "rel_pos" in name or "token" in name:
            return numbers * 0.1
        return numbers / max(1.0, float(np.prod(shape[1:]))) ** 0.5

    return {name: draw(name, shape) for name, shape in shapes.items()}


@pytest.fixture(scope="session")
def small_sam() -> Any:
    """A SAM through its own classes whose encoder has two narrow blocks, one windowed, one global."""
    network = assemble_sam(build_vit(width=32, depth=2, heads=2, global_blocks=(1,)))
    network.load_state_dict(random_tensors(expected_shapes(network), seed=3))
    return network


@pytest.fixture(scope="session")
def mobile_sam_tensors() -> dict[str, torch.Tensor]:
    """Random numbers in the shapes of the published MobileSAM."""
    return random_tensors(expected_shapes(build_sam("tiny_vit")), seed=4)


@pytest.fixture(scope="session")
def mobile_sam_file(mobile_sam_tensors: dict[str, torch.Tensor], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Those as a file, as the published one is written."""
    path = tmp_path_factory.mktemp("checkpoints") / "mobile_sam.pt"
    torch.save(mobile_sam_tensors, path)
    return path
