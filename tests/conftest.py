"""What every test needs of the machine: a platform Qt can start on, and data that may be absent."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

CHECKOUT = Path(__file__).resolve().parent.parent


def pytest_configure() -> None:
    """Let Qt draw into memory where there is no display; an explicit choice of platform stands."""
    headless = sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if headless:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # A busy machine is no failure of a property.
    settings.register_profile("patient", deadline=None)
    settings.load_profile("patient")
    # As the command line does: threads that spin while they wait make a busy machine many times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The top folder of the source tree."""
    return CHECKOUT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real photographs and forgeries, which not every machine has."""
    named = os.environ.get("FORENSIC_GUI_SHARED_DATA")
    folder = Path(named) if named else CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real photographs at {folder} (name their folder in FORENSIC_GUI_SHARED_DATA)")
    return folder


@pytest.fixture(scope="session")
def untrained_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of the true shape with a card: a student as it is initialised, id «untrained»."""
    import torch

    from boxprompt.network.config import StudentConfig
    from boxprompt.network.student import ARCHITECTURE, Student
    from boxprompt.weights import write_weights

    torch.manual_seed(20)
    config = StudentConfig()
    state = Student(config).state_dict()
    card = {
        "id": "untrained",
        "architecture": ARCHITECTURE,
        "student": config.to_dict(),
        "input_mean": (0.485, 0.456, 0.406),
        "input_std": (0.229, 0.224, 0.225),
        "threshold": 0.5,
        "threshold_origin": "none; these weights are random",
        "training_data": (),
        "recipe": {},
        "code_commit": "unknown",
        "steps": 0,
        "licence": "Apache-2.0",
        "created": "2026-01-01",
    }
    tensors = {name: value.numpy() for name, value in state.items()}
    return write_weights(tensors, card, tmp_path_factory.mktemp("weights")).path
