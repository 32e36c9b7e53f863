"""`forensic-gui pseudo-label`, from a file of boxes to a dataset, with GrabCut and the real decoder."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from boxprompt.data.labels import read_truth
from boxprompt.data.layouts import open_dataset
from forensic_gui.cli import pseudo_label


@pytest.fixture
def boxes(tmp_path: Path) -> Path:
    """An image with a bright disc in a loose box, its mask, and an untouched image."""
    rng = np.random.default_rng(0)
    disc = cv2.circle(np.zeros((96, 128), np.uint8), (60, 45), 24, 255, -1)
    for name, lit in (("a.png", disc > 0), ("b.png", np.zeros_like(disc, bool))):
        pixels = rng.normal(60, 6, (96, 128, 3))
        pixels[lit] += 120
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(tmp_path / name)
    Image.fromarray(disc).save(tmp_path / "a_mask.png")
    path = tmp_path / "boxes.json"
    table = {"boxes": {"a.png": [[30, 15, 90, 76]], "b.png": []}, "masks": {"a.png": "a_mask.png"}}
    path.write_text(json.dumps(table))
    return path


@pytest.fixture
def call(boxes: Path, tmp_path: Path):
    app = typer.Typer()
    app.callback()(lambda: None)
    pseudo_label.register(app)

    def invoke(*options: str):
        return CliRunner().invoke(app, ["pseudo-label", str(boxes), "-o", str(tmp_path / "made"), *options])

    return invoke


def test_boxes_become_a_dataset_with_masks_and_their_quality_is_told(call, tmp_path: Path) -> None:
    result = call("--segmenter", "grabcut", "--progress", "none", "--json")

    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout)
    assert (summary["labelled"], summary["untouched"], summary["failed"]) == (1, 1, 0)
    assert summary["quality"]["iou_interval"] == [summary["quality"]["mean_iou"]] * 2, "one image cannot vary"
    assert summary["quality"]["mean_iou"] > 0.9 > summary["quality"]["mean_box_iou"]
    assert summary["by_size"] == {"5-20 %": summary["quality"]}
    assert summary["by_kind"] == {"unstated": summary["quality"]}
    assert f"Against known masks, 1 image: mean IoU {summary['quality']['mean_iou']:.3f}" in result.stderr
    assert "with 1 untouched image." in result.stderr
    first, second = open_dataset(tmp_path / "made").items
    known = np.asarray(Image.open(tmp_path / "a_mask.png")) > 0
    assert np.count_nonzero(read_truth(first) ^ known) < 0.1 * np.count_nonzero(known)
    assert second.mask is None


def test_what_was_made_in_another_way_is_not_gone_on_with(call) -> None:
    assert call("--segmenter", "box").exit_code == 0
    again = call("--segmenter", "box", "--boxes", "derived")
    assert again.exit_code != 0
    assert "made otherwise" in str(again.exception)
