"""The short training that CI does: its bar is out of reach for whoever does not look at the images."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from torch.nn import functional

from boxprompt.training.run import read_config


@pytest.fixture
def smoke(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("train_smoke_test", checkout / "packaging" / "train_smoke_test.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)  # where its dataclasses look their names up
    spec.loader.exec_module(module)
    return module


def test_no_prediction_that_ignores_the_image_is_better_than_the_blind_loss(smoke: ModuleType) -> None:
    rng = np.random.default_rng(0)
    targets = (rng.random((20, 6, 6)) < np.linspace(0.05, 0.6, 36).reshape(6, 6)).astype(np.float32)
    constant, best_map = smoke.blind_loss(targets)
    assert best_map < constant
    truth = torch.from_numpy(targets)

    def loss(prediction: torch.Tensor) -> float:
        return float(functional.binary_cross_entropy(prediction.expand_as(truth), truth))

    assert loss(truth.mean()) == pytest.approx(constant, rel=1e-5)
    assert loss(truth.mean(dim=0)) == pytest.approx(best_map, rel=1e-5)
    for _ in range(20):
        other = (truth.mean(dim=0) + 0.1 * torch.randn(6, 6)).clamp(0.01, 0.99)
        assert loss(other) > best_map


def test_the_bar_is_far_below_what_ignoring_the_images_reaches(
    smoke: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = smoke.Run.prepare(tmp_path / "run")
    monkeypatch.chdir(run.folder)
    _, best_map = smoke.blind_loss(smoke.validation_targets(run.folder))
    assert best_map * 0.75 > smoke.LOSS_TO_REACH
    recipe = read_config(smoke.RECIPE).recipe
    assert smoke.KILLED_BETWEEN[1] < recipe.steps - 5, "it could end before it is killed"
