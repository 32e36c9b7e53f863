"""The fingerprint network keeps its size and its reach, and sees no colour."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from boxprompt.network.fingerprint import (
    REACH_PX,
    STRIDE_PX,
    FingerprintConfig,
    FingerprintNetwork,
    window_means,
)


@pytest.fixture(scope="module")
def network() -> FingerprintNetwork:
    torch.manual_seed(0)
    return FingerprintNetwork(FingerprintConfig(widths=(4, 6, 8), channels=5)).eval()


def noise(height: int, width: int) -> torch.Tensor:
    values = np.random.default_rng(height * width).integers(40, 216, (1, 3, height, width))
    return torch.from_numpy(values.astype(np.float32))


def test_the_default_is_light() -> None:
    network = FingerprintNetwork(FingerprintConfig())
    assert sum(parameter.numel() for parameter in network.parameters()) < 200_000


@pytest.mark.parametrize(("height", "width", "rows", "columns"), [(64, 80, 8, 10), (65, 79, 9, 10), (1, 1, 1, 1)])
def test_there_is_a_vector_for_every_eight_pixels(
    network: FingerprintNetwork, height: int, width: int, rows: int, columns: int
) -> None:
    assert network(noise(height, width)).shape == (1, 5, rows, columns)


def test_a_vector_depends_on_what_lies_within_its_reach_and_on_nothing_else(network: FingerprintNetwork) -> None:
    image = noise(160, 160)
    row, column = 10, 9
    window = [slice(cell * STRIDE_PX - REACH_PX, (cell + 1) * STRIDE_PX + REACH_PX) for cell in (row, column)]
    other = noise(160, 161)[..., :160].clone()
    other[..., window[0], window[1]] = image[..., window[0], window[1]]
    assert torch.allclose(network(image)[..., row, column], network(other)[..., row, column], atol=1e-6)
    assert not torch.allclose(network(image)[..., row, column + 4], network(other)[..., row, column + 4], atol=1e-3)


def test_colour_and_brightness_leave_no_fingerprint(network: FingerprintNetwork) -> None:
    image = noise(64, 64)
    tinted = image + torch.tensor([20.0, -15.0, 5.0]).view(1, 3, 1, 1)
    assert torch.allclose(network(image), network(tinted), atol=1e-5)


def test_the_same_pixels_eight_further_on_have_the_same_vector_and_three_further_on_have_not(
    network: FingerprintNetwork,
) -> None:
    image = noise(160, 160)
    at_home = network(image)[..., 8, 8]
    assert torch.allclose(network(image[..., 8:, 16:])[..., 7, 6], at_home, atol=1e-6)
    assert not torch.allclose(network(image[..., 3:, 3:])[..., 8, 8], at_home, atol=1e-3)


def test_the_fingerprint_of_a_window_is_the_direction_of_its_mean() -> None:
    field = torch.randn(2, 5, 9, 7)
    windows = torch.tensor([[[0, 0], [6, 4]], [[2, 1], [3, 3]]])
    found = window_means(field, windows, side=3)
    for image in range(2):
        for number, (row, column) in enumerate(windows[image].tolist()):
            mean = field[image, :, row : row + 3, column : column + 3].mean(dim=(1, 2))
            assert torch.allclose(found[image, number], functional.normalize(mean, dim=0), atol=1e-5)


def test_a_configuration_survives_its_card_and_is_checked() -> None:
    config = FingerprintConfig(widths=(8, 12, 16), channels=6)
    assert FingerprintConfig.from_dict(config.to_dict()) == config
    with pytest.raises(ValueError, match="three numbers"):
        FingerprintConfig.from_dict({"widths": [8, 12]})
    with pytest.raises(ValueError, match="at least 2"):
        FingerprintConfig(channels=1)
    with pytest.raises(ValueError, match="at most 1024"):
        FingerprintConfig(channels=10**9)
    with pytest.raises(ValueError, match="4 to 1024"):
        FingerprintConfig(widths=(8, 12, 10**9))
