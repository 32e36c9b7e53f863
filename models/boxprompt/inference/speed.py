"""The network and this machine's arithmetic, each alone and on the same device with the same threads, to be timed."""

from __future__ import annotations

import numpy as np
import torch

from boxprompt.contracts import RgbImage
from boxprompt.inference.preprocess import resize_to_square
from boxprompt.inference.runtimes import Runtime
from boxprompt.network.config import StudentConfig
from boxprompt.network.cost import measure_cost
from boxprompt.network.student import Student

MATRIX_SIDE = 2048


class SpeedProbe:
    """What the arithmetic floor of a forward pass is made of.

    The floor is 2 × multiply-adds / the rate of a float32 matrix product of 2048³: what the pass would take if all of
    it ran as well as the operation that a processor does best.
    """

    def __init__(self, runtime: Runtime, config: StudentConfig, device: torch.device) -> None:
        """Prepare inputs; nothing is timed here.

        Args:
            runtime: executes the network.
            config: of that network.
            device: where the runtime computes.
        """
        self._runtime = runtime
        self._side = config.input_side_px
        self._device = device
        self._macs = measure_cost(Student(config), side_px=self._side).macs
        draws = np.random.default_rng(3)
        self._image = draws.standard_normal((1, self._side, self._side, 3), dtype=np.float32).transpose(0, 3, 1, 2)
        generator = torch.Generator().manual_seed(3)
        self._left, self._right = (
            torch.randn(MATRIX_SIDE, MATRIX_SIDE, generator=generator).to(device) for _ in range(2)
        )
        self._product = torch.empty_like(self._left)

    @property
    def macs(self) -> int:
        """Multiply-adds of one forward pass: its convolutions and matrix products."""
        return self._macs

    @property
    def matrix_macs(self) -> int:
        """Multiply-adds of one matrix product."""
        return MATRIX_SIDE**3

    def forward(self) -> None:
        """One forward pass of one normalised image, to arrays of scores."""
        self._runtime.run(self._image)

    @torch.inference_mode()
    def multiply_matrices(self) -> None:
        """One float32 product of two 2048×2048 matrices, waited for."""
        torch.mm(self._left, self._right, out=self._product)
        if self._device.type != "cpu":
            self._product[0, 0].item()

    def resize(self, image: RgbImage) -> None:
        """Make the network's input size of an image, as localization does."""
        resize_to_square(image, self._side)
