"""`forensic-gui evaluate`, from arguments to files, with a real student and the real decoder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from forensic_gui.cli import evaluate
from forensic_gui.domain.errors import RequestError


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    generator = np.random.default_rng(0)
    for name in ("Tp", "Gt", "Au"):
        (folder / name).mkdir(parents=True)
    mask = np.zeros((48, 64), np.uint8)
    mask[10:30, 20:50] = 255
    for path in (folder / "Tp" / "a.jpg", folder / "Au" / "b.jpg"):
        Image.fromarray(generator.integers(0, 256, (48, 64, 3), np.uint8)).save(path)
    Image.fromarray(mask).save(folder / "Gt" / "a.png")
    return folder


@pytest.fixture
def call(dataset, tmp_path, untrained_weights):
    app = typer.Typer()
    app.callback()(lambda: None)
    evaluate.register(app)

    def invoke(*options: str):
        arguments = ["evaluate", str(dataset), "--weights", str(untrained_weights), "--device", "cpu"]
        return CliRunner().invoke(app, [*arguments, "-o", str(tmp_path / "scores.json"), *options])

    return invoke


def test_scores_are_written_and_a_table_is_shown(call, tmp_path):
    result = call("--baselines", "--rows", str(tmp_path / "rows.csv"), "--views", "thorough")
    assert result.exit_code == 0, result.output
    record = json.loads((tmp_path / "scores.json").read_text())
    assert [one["localizer"] for one in record["scores"]][:2] == ["untrained", "all-ones"]
    assert record["localizer"]["views"] == "thorough"
    assert result.stdout.splitlines()[2].startswith("| untrained | 0.")
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == 1 + 2 * len(record["scores"])


def test_programs_read_json_lines_and_nothing_else(call):
    result = call("--progress", "jsonl", "--json", "--threshold", "0.3", "--limit", "2")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["event"] for line in lines] == ["finished", "finished", "summary"]
    assert lines[-1]["scores"][0]["threshold"] == 0.3


def test_an_image_that_cannot_be_measured_is_named_and_ends_with_status_1(call, dataset):
    whole = (dataset / "Au" / "b.jpg").read_bytes()
    (dataset / "Au" / "b.jpg").write_bytes(whole[:200] + b"\xff\xd9")
    result = call("--progress", "jsonl")
    assert result.exit_code == 1
    assert "b.jpg: " in result.stderr
    assert "1 image could not be measured" in result.stderr


def test_every_part_of_the_protocol_can_be_asked_for(call, dataset, tmp_path):
    maps = tmp_path / "maps"
    maps.mkdir()
    for stem in ("a", "b"):
        Image.new("L", (8, 6), 255).save(maps / f"{stem}.png")
    result = call("--predictions", f"other tool={maps}", "--calibration", "--f1", "double", "--f1", "reverse")
    assert result.exit_code == 0, result.output
    assert "| other tool | 0." in result.stdout
    assert "F1 «double» at 0.5" in result.stdout
    assert "| other tool | calibration error |" in result.stdout
    record = json.loads((tmp_path / "scores.json").read_text())["scores"][1]
    assert record["predictions"]["resized"] == 2


def test_robustness_is_told_condition_by_condition(call):
    result = call("--robustness", "--limit", "1", "--progress", "jsonl")
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["done"] for line in lines] == list(range(1, 27))
    assert {line["total"] for line in lines} == {26}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--predictions", "maps"], "NAME=FOLDER"),
        (["--predictions", "=maps"], "NAME=FOLDER"),
        (["--predictions", "other="], "NAME=FOLDER"),
        (["--predictions", "a=m", "--predictions", "a=n"], "twice"),
        (["--predictions", "a=m", "--robustness"], "one of the two"),
    ],
)
def test_predictions_that_cannot_be_meant_are_a_wrong_call(call, options, sentence):
    error = call(*options).exception
    assert isinstance(error, RequestError) and sentence in str(error)


def test_a_wrong_call_is_told_before_anything_is_loaded(call):
    assert isinstance(call("--limit", "0").exception, RequestError)
