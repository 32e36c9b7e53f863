"""A fine-tuning plans on every layout that has more than boxes, and compares on complete masks alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from forensic_gui.domain.errors import RequestError
from forensic_gui.services import engine


@pytest.fixture
def images(tmp_path: Path) -> Path:
    for number in range(12):
        Image.fromarray(np.full((40, 50, 3), 60 + number, np.uint8)).save(tmp_path / f"i{number}.png")
    return tmp_path


def planned(dataset: Path, weights: Path, work: Path) -> engine.Tuning:
    return engine.Tuning(
        engine.TuningRequest(
            dataset=dataset,
            name="labels",
            groups={},
            terms="made by a test",
            weights=str(weights),
            folders=(),
            identifier="mine",
            work=work,
            recipe={},
            held_out=0.25,
            validation=0.15,
            seed=0,
            device="cpu",
            threads=1,
        )
    )


def test_regions_of_a_coco_file_are_learned_from(images: Path, untrained_weights: Path, tmp_path: Path) -> None:
    path = images / "labels.json"
    listed = [{"id": number, "file_name": f"i{number}.png", "width": 50, "height": 40} for number in range(12)]
    outlines = [
        {"id": number, "image_id": number, "segmentation": [[5, 5, 20, 5, 20, 20, 5, 20]]} for number in range(10)
    ]
    path.write_text(json.dumps({"images": listed, "annotations": outlines}))

    tuning = planned(path, untrained_weights, tmp_path / "work")

    counts = tuning.plan.parts.counts()
    assert sum(part["manipulated"] for part in counts.values()) == 10
    assert sum(part["untouched"] for part in counts.values()) == 2
    assert len(engine.open_dataset(path).items) == 12


def test_boxes_alone_are_neither_learned_from_nor_compared_on(
    images: Path, untrained_weights: Path, tmp_path: Path
) -> None:
    path = images / "boxes.json"
    path.write_text(json.dumps({"boxes": {f"i{number}.png": [[5, 5, 20, 20]] for number in range(12)}}))

    with pytest.raises(RequestError, match="make pseudo-masks of them with `pseudo-label`"):
        planned(path, untrained_weights, tmp_path / "work")
    with pytest.raises(RequestError, match="A comparison needs complete masks"):
        engine.open_dataset(path)
