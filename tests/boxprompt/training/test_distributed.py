"""Several processes train as one: the curve, the weights and the samples are those of a single process."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from boxprompt.errors import ConfigurationError, DeviceUnavailableError
from boxprompt.training.batches import BatchShares
from boxprompt.training.distributed import ALONE, ProcessGroup, joined
from boxprompt.training.launch import Place
from tests.boxprompt.training import little_run

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def environment(checkout: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(checkout), str(checkout / "models")]),
        "OMP_NUM_THREADS": "1",
    }


@pytest.fixture(scope="module")
def pair(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes left, see `little_run.main`."""
    folder = tmp_path_factory.mktemp("pair")
    script = Path(little_run.__file__)
    ended = subprocess.run(
        [*TORCHRUN, str(script), str(folder)],
        capture_output=True,
        text=True,
        timeout=240,
        env=environment(checkout),
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return folder


def told(folder: Path, column: str) -> list[float]:
    with (folder / "log.csv").open() as stream:
        return [float(row[column]) for row in csv.DictReader(stream) if row[column]]


def test_two_processes_have_the_curve_and_the_weights_of_one(pair: Path, tmp_path: Path) -> None:
    alone = little_run.trainer(little_run.settings(tmp_path, **little_run.EXTRAS))
    alone.run()
    assert told(pair / "whole", "step") == list(range(1, little_run.STEPS + 1))
    for column in ("loss", "validation_loss", "validation_f1", "validation_auc"):
        assert told(pair / "whole", column) == pytest.approx(told(tmp_path, column), rel=1e-5), column
    both = torch.load(pair / "process0.pt", weights_only=True)
    assert set(both) == set(alone.network.state_dict())
    for name, value in alone.network.state_dict().items():
        assert torch.allclose(both[name], value, rtol=1e-4, atol=1e-6), name


def test_the_comparison_would_see_a_share_that_was_weighed_wrongly(tmp_path: Path) -> None:
    # Labels are so unlike that a mean over equal shares is another loss: what the tolerance above must not hide.
    batch = [little_run.PartlyLabelled(8)[index][2].float().mean() for index in range(8)]
    halves = (torch.stack(batch[:4]).mean(), torch.stack(batch[4:]).mean())
    assert abs(float(halves[0] - halves[1])) > 0.05


def test_processes_end_with_the_same_bits(pair: Path) -> None:
    first, second = (json.loads((pair / f"process{rank}.json").read_text()) for rank in (0, 1))
    assert first == second


def test_one_process_stops_all_at_one_step_and_the_rest_gives_the_same_bits(pair: Path) -> None:
    record = json.loads((pair / "process0.json").read_text())
    assert record["steps"] == [little_run.STEPS, little_run.STOPPED_AFTER, little_run.STEPS]
    assert record["pieces"] == record["whole"]


def test_what_the_first_process_cannot_read_is_refused_in_all(pair: Path) -> None:
    assert all(json.loads((pair / f"process{rank}.json").read_text())["refused"] for rank in (0, 1))


@pytest.mark.parametrize(("accumulate", "world"), [(1, 1), (1, 4), (4, 1), (2, 3)])
def test_shares_are_those_of_one_process_divided(accumulate: int, world: int) -> None:
    def drawn(rank: int, *, start: int = 0) -> list[int]:
        shares = BatchShares(steps=5, start=start, batch_size=12, accumulate=accumulate, rank=rank, world=world)
        numbers = list(shares)
        assert len(numbers) == len(shares)
        return numbers

    together = np.stack([np.reshape(drawn(rank), (5, accumulate, -1)) for rank in range(world)], axis=2)
    assert together.reshape(-1).tolist() == list(range(60))
    assert drawn(world - 1, start=3) == np.reshape(drawn(world - 1), (5, -1))[3:].reshape(-1).tolist()


def test_a_batch_that_cannot_be_shared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="batch of 8 cannot be divided into 2 parts for each of 3 processes"):
        little_run.trainer(little_run.settings(tmp_path), group=ProcessGroup(Place(rank=1, local_rank=1, world=3)))


def test_a_launchers_variables_are_read_and_checked() -> None:
    assert Place.from_environment({}) == Place()
    told_place = Place.from_environment({"RANK": "5", "LOCAL_RANK": "1", "WORLD_SIZE": "8"})
    assert told_place == Place(rank=5, local_rank=1, world=8) and not told_place.is_first
    for wrong in ({"RANK": "2", "WORLD_SIZE": "2"}, {"RANK": "-1"}, {"WORLD_SIZE": "many"}, {"LOCAL_RANK": "1"}):
        with pytest.raises(ConfigurationError, match="launcher"):
            Place.from_environment(wrong)


def test_without_a_launcher_a_process_is_alone() -> None:
    with joined({}) as group:
        assert group is ALONE
    assert ALONE.total([2.0, 3.0]) == [2.0, 3.0] and ALONE.any(True) and not ALONE.any(False)


def test_each_process_of_a_host_has_its_own_cuda_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    third = ProcessGroup(Place(rank=3, local_rank=1, world=4))
    assert third.device(torch.device("cuda:0")) == torch.device("cuda:1")
    assert third.device(torch.device("cpu")) == torch.device("cpu")
    assert ALONE.device(torch.device("mps")) == torch.device("mps")
    with pytest.raises(ConfigurationError, match="not on mps"):
        third.device(torch.device("mps"))
    with pytest.raises(DeviceUnavailableError, match="2 CUDA devices"):
        ProcessGroup(Place(rank=2, local_rank=2, world=4)).device(torch.device("cuda:0"))


def test_the_network_of_one_process_keeps_its_own_batch_norm() -> None:
    network = little_run.LittleNetwork()
    ALONE.prepare(network)
    assert type(network.body[1]) is nn.BatchNorm2d
