"""The residual stream keeps its size, its fixed kernels and its reach."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from boxprompt.network.cost import measure_cost
from boxprompt.network.fusing import fold_batch_norms
from boxprompt.network.residual import (
    ALIGNMENT_PX,
    REACH_PX,
    ResidualConfig,
    ResidualStream,
    TraceInput,
)
from boxprompt.traces.srm import residual_kernels

SMALLEST = ResidualConfig(widths=(4, 4, 4, 4))


def levels(height: int, width: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(height * width)
    return torch.randint(0, 256, (1, 3, height, width), generator=generator).float()


def residuals_of(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Residuals of a grey image, (3, H, W), as the network sees those of its red channel."""
    image = torch.from_numpy(plane)[None, None].repeat(1, 3, 1, 1)
    channels: NDArray[np.float32] = TraceInput()(image)[0, 3:6].numpy()
    return channels


def test_its_parameters_and_macs_a_megapixel_are_those_documented() -> None:
    side = 512
    cost = measure_cost(ResidualStream(ResidualConfig()), side_px=side)
    assert cost.parameters == 903_697
    assert cost.macs / (side * side) * 1e6 == pytest.approx(16.7e9, rel=0.01)


def test_each_kernel_predicts_flat_images_and_even_slopes() -> None:
    rows, columns = np.mgrid[0:12, 0:12].astype(np.float32)
    for plane in (np.full((12, 12), 200.0, np.float32), 3 * columns + 5 * rows):
        assert np.abs(residuals_of(plane)[:, 2:-2, 2:-2]).max() < 1e-5


def test_a_kernel_leaves_a_lone_pixel_in_grey_levels() -> None:
    kernels = residual_kernels()
    assert kernels.dtype == np.float32 and kernels.shape == (3, 5, 5)
    # The centre of each is minus one: what a pixel differs from its prediction by.
    assert kernels[:, 2, 2].tolist() == [-1.0, -1.0, -1.0]
    assert np.allclose(kernels.sum(axis=(1, 2)), 0, atol=1e-6)
    plane = np.zeros((9, 9), np.float32)
    plane[4, 4] = 3.0
    assert residuals_of(plane)[:, 4, 4].tolist() == pytest.approx([-0.5, -0.5, -0.5])


def test_the_line_kernel_looks_along_rows_only() -> None:
    plane = np.zeros((9, 9), np.float32)
    plane[4, 4] = 3.0
    assert np.count_nonzero(residuals_of(plane)[2]) == 3


def test_each_channel_has_residuals_of_its_own() -> None:
    image = torch.zeros(1, 3, 8, 8)
    image[0, 1, 4, 4] = 90.0
    seen = TraceInput()(image)[0].abs().sum(dim=(1, 2)) > 0
    assert seen[3:].tolist() == [False] * 3 + [True] * 3 + [False] * 3


def test_residuals_are_float32_under_autocast() -> None:
    image = levels(32, 32)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        within = TraceInput()(image)
    assert within.dtype == torch.float32
    assert torch.equal(within, TraceInput()(image))


def test_the_kernels_are_no_weights() -> None:
    stream = ResidualStream(SMALLEST)
    assert not any("traces" in name for name in stream.state_dict())
    assert not any("traces" in name for name, _ in stream.named_parameters())


@pytest.mark.parametrize(("height", "width"), [(1, 1), (16, 16), (37, 250), (256, 384)])
def test_an_image_of_any_size_gets_an_answer_of_its_size(height: int, width: int) -> None:
    stream = ResidualStream(SMALLEST).eval()
    with torch.inference_mode():
        output = stream(levels(height, width))
    assert output.logits.shape == (1, 1, height, width)
    assert output.coarse_logits.shape == (1, 1, -(-height // 16) * 4, -(-width // 16) * 4)
    assert bool(torch.isfinite(output.logits).all())


def test_nothing_beyond_the_reach_has_a_part_in_an_answer() -> None:
    stream = ResidualStream(SMALLEST).eval()
    for parameter in stream.parameters():
        parameter.data.abs_()  # with weights of one sign no path cancels another,
    for module in stream.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.bias.data.fill_(1e3)  # and with features far over zero no ReLU closes one
    side = 2 * REACH_PX + 6 * ALIGNMENT_PX
    furthest = 0
    for cell in range(side // 8, side // 8 + ALIGNMENT_PX // 4):
        image = levels(side, side).requires_grad_()
        answer = stream.coarse(image)[0, 0, cell, cell]
        (gradient,) = torch.autograd.grad(answer, image)
        touched = gradient[0].abs().sum(dim=0).nonzero()
        furthest = max(furthest, 4 * cell - int(touched.min()), int(touched.max()) - (4 * cell + 3))
    assert furthest == REACH_PX
    assert REACH_PX % ALIGNMENT_PX == 0


def test_folding_its_norms_leaves_its_answers() -> None:
    stream = ResidualStream(ResidualConfig())
    stream.train()
    for _ in range(2):
        stream(levels(64, 64))
    stream.eval()
    with torch.inference_mode():
        before = stream.coarse(levels(96, 64))
        fold_batch_norms(stream)
        after = stream.coarse(levels(96, 64))
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in stream.modules())
    assert torch.allclose(before, after, atol=1e-4)


def test_the_first_scores_are_the_share_it_is_told() -> None:
    stream = ResidualStream(ResidualConfig()).eval()
    stream.initialise_bias(0.15)
    torch.nn.init.zeros_(stream.head.weight)
    with torch.inference_mode():
        scores = torch.sigmoid(stream(levels(32, 32)).logits)
    assert torch.allclose(scores, torch.full_like(scores, 0.15), atol=1e-6)


def test_a_configuration_survives_json_and_refuses_nonsense() -> None:
    config = ResidualConfig(widths=(8, 8, 16, 16))
    assert ResidualConfig.from_dict({"widths": [8, 8, 16, 16]}) == config
    assert ResidualConfig.from_dict(config.to_dict()) == config
    with pytest.raises(ValueError, match="four numbers"):
        ResidualConfig.from_dict({"widths": [8, 8, 16]})
    with pytest.raises(ValueError, match="4 to 1024"):
        ResidualConfig.from_dict({"widths": [8, 8, 16, 10**9]})
    with pytest.raises(ValueError, match="eight JPEG qualities"):
        ResidualConfig(recompressions=(70,) * 9)
    with pytest.raises(TypeError):
        ResidualConfig.from_dict({"depth": 3})
