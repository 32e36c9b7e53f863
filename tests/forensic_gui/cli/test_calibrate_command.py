"""From held-out images to a calibrated card, with a real student: `evaluate --fit-calibration`, `weights calibrate`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from boxprompt.weights import read_weights
from forensic_gui.cli.main import main
from forensic_gui.services import engine


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six photographs of noise, three with a square of another noise in them."""
    folder = tmp_path_factory.mktemp("data") / "held out"
    generator = np.random.default_rng(6)
    for name in ("Tp", "Gt", "Au"):
        (folder / name).mkdir(parents=True)
    mask = np.zeros((48, 64), np.uint8)
    mask[10:30, 20:50] = 255
    for number in range(3):
        pixels = generator.integers(0, 256, (48, 64, 3), np.uint8)
        Image.fromarray(pixels).save(folder / "Au" / f"whole{number}.png")
        Image.fromarray(np.where(mask[..., None], pixels // 2, pixels[::-1])).save(folder / "Tp" / f"cut{number}.png")
        Image.fromarray(mask).save(folder / "Gt" / f"cut{number}.png")
    return folder


@pytest.fixture
def weights(untrained_weights: Path, tmp_path: Path) -> Path:
    for suffix in (".safetensors", ".json"):
        shutil.copy(untrained_weights.with_suffix(suffix), tmp_path)
    return tmp_path / untrained_weights.name


@pytest.fixture(scope="module")
def fitted(dataset: Path, untrained_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fitted")
    call = ["evaluate", str(dataset), "--weights", str(untrained_weights), "-o", str(folder / "scores.json")]
    call += ["--views", "fast"]
    assert main([*call, "--device", "cpu", "--fit-calibration", str(folder / "new" / "fast.json")]) == 0
    return folder / "new" / "fast.json"


def test_a_card_says_what_its_scores_mean_on_held_out_images(
    fitted: Path, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["weights", "calibrate", str(weights), str(fitted)]) == 0
    told = capsys.readouterr().out
    assert "untrained, fast view: " in told
    assert "fitted on 3 manipulated and 3 untouched images of held out with 9.8% of pixels manipulated" in told
    card = json.loads(weights.with_suffix(".json").read_text())
    assert card["calibration"]["fast"]["weights_sha256"] == card["sha256"]
    assert card["calibration"]["fast"]["network_sha256"] == read_weights(weights).card.network_sha256
    assert card["threshold"] == 0.5
    assert main(["weights", "calibrate", str(weights), str(fitted), "--best-threshold", "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out)["calibration"]) == ["fast"]
    best = json.loads(fitted.read_text())["best_threshold"]
    assert json.loads(weights.with_suffix(".json").read_text())["threshold"] == best


def test_calibrated_weights_give_the_same_scores_as_before(fitted: Path, weights: Path, dataset: Path) -> None:
    def scores() -> np.ndarray:
        pixels = np.asarray(Image.open(dataset / "Tp" / "cut0.png"))
        return engine.load_localizer(folders=[], weights=str(weights), device="cpu").localize(pixels).heatmap.grid

    before = scores()
    assert main(["weights", "calibrate", str(weights), str(fitted)]) == 0
    assert np.array_equal(scores(), before)


def test_weights_of_the_program_keep_their_card(fitted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["weights", "calibrate", engine.DEFAULT_WEIGHTS, str(fitted)]) == 2
    assert "part of the program" in capsys.readouterr().err


def test_a_file_that_is_no_calibration_is_told(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other.json").write_text("{}")
    assert main(["weights", "calibrate", str(weights), str(tmp_path / "other.json")]) == 2
    assert "is no calibration" in capsys.readouterr().err


def test_too_few_photographs_are_told_and_nothing_is_written(
    dataset: Path, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scores, path = tmp_path / "scores.json", tmp_path / "fitted.json"
    call = ["evaluate", str(dataset), "--weights", str(weights), "-o", str(scores), "--fit-calibration", str(path)]
    assert main([*call, "--device", "cpu", "--limit", "4"]) == 2
    assert "at least 5 source photographs" in capsys.readouterr().err
    assert not scores.exists() and not path.exists()
    assert main([*call[:-1], str(scores)]) == 2
    assert "name a file for each" in capsys.readouterr().err
