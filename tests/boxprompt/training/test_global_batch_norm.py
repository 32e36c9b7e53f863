"""BatchNorm over all processes is BatchNorm; here the exchange is pretended, in test_distributed it is not."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, distributed, nn

from boxprompt.errors import ProcessLostError
from boxprompt.training import collectives, global_batch_norm
from boxprompt.training.global_batch_norm import GlobalBatchNorm2d, synchronise_batch_norms


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sum over one process is what it was."""
    monkeypatch.setattr(global_batch_norm, "add_over_processes", lambda values: None)


def layers(**options: Any) -> tuple[nn.BatchNorm2d, GlobalBatchNorm2d]:
    """A layer, and what replaces a copy of it."""
    plain, copy = nn.BatchNorm2d(5, **options), nn.BatchNorm2d(5, **options)
    if plain.affine:
        nn.init.normal_(plain.weight)
        nn.init.normal_(plain.bias)
    copy.load_state_dict(plain.state_dict())
    return plain, GlobalBatchNorm2d(copy, rank=0, world=1)


def drawn(seed: int) -> Tensor:
    """Far from zero, where a variance by sums of squares would lose its digits."""
    return 300 + 2 * torch.randn(4, 5, 6, 7, generator=torch.Generator().manual_seed(seed))


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("options", [{}, {"affine": False}, {"momentum": None}, {"track_running_stats": False}])
def test_in_one_process_it_is_torchs_own(options: dict[str, Any]) -> None:
    plain, ours = layers(**options)
    for seed in range(3):
        one, other = drawn(seed).requires_grad_(), drawn(seed).requires_grad_()
        expected, found = plain(one), ours(other)
        assert torch.allclose(found, expected, atol=1e-3)
        (expected**3).sum().backward()
        (found**3).sum().backward()
        assert one.grad is not None and other.grad is not None
        assert torch.allclose(other.grad, one.grad, atol=1e-2, rtol=1e-3)
    assert set(ours.state_dict()) == set(plain.state_dict())
    for name, value in plain.state_dict().items():
        assert torch.allclose(ours.state_dict()[name], value, rtol=1e-5), name
    assert torch.equal(ours.eval()(drawn(9)), _like(ours, plain)(drawn(9)))


def _like(ours: GlobalBatchNorm2d, plain: nn.BatchNorm2d) -> nn.BatchNorm2d:
    plain.load_state_dict(ours.state_dict())
    return plain.eval()


@pytest.mark.usefixtures("alone")
def test_what_comes_in_bfloat16_goes_out_in_bfloat16_with_statistics_in_float32() -> None:
    _, ours = layers()
    found = ours(drawn(0).bfloat16())
    assert found.dtype == torch.bfloat16
    assert ours.running_mean is not None and ours.running_mean.dtype == torch.float32


def test_every_batch_norm_of_a_network_is_replaced_and_its_parameters_stay_the_same_objects() -> None:
    network = nn.Sequential(nn.Conv2d(3, 5, 1), nn.Sequential(nn.BatchNorm2d(5), nn.ReLU()), nn.BatchNorm2d(5))
    before = list(network.parameters())
    synchronise_batch_norms(network, rank=1, world=2)
    assert [type(module) for module in network.modules()].count(GlobalBatchNorm2d) == 2
    assert all(one is other for one, other in zip(before, network.parameters(), strict=True))


def test_a_process_that_is_gone_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(values: Tensor) -> None:
        raise RuntimeError("Connection closed by peer [127.0.0.1]:1234\nmore")

    monkeypatch.setattr(distributed, "all_reduce", lost)
    with pytest.raises(ProcessLostError, match=r"Another process .* \(Connection closed by peer \[127.0.0.1\]:1234\)"):
        collectives.add_over_processes(torch.zeros(1))


def test_memory_that_runs_out_in_an_exchange_is_not_told_as_a_lost_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(values: Tensor) -> None:
        raise torch.OutOfMemoryError("no memory left")

    monkeypatch.setattr(distributed, "all_reduce", full)
    with pytest.raises(torch.OutOfMemoryError):
        collectives.add_over_processes(torch.zeros(1))
