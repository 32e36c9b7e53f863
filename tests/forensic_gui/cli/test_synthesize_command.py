"""`forensic-gui synthesize`: what is drawn can be said in a file, and a file that cannot be used is refused."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from forensic_gui.cli.main import main

CONFIG = """
[data.synthesis]
authentic = 1.0
splice = 0.0
copy_move = 0.0
removal = 0.0
short_side_px = [160, 170]

[data.synthesis.distractors]
border_share = 1.0
"""


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed in range(2):
        picture = np.random.default_rng(seed).integers(0, 256, (200, 240, 3), dtype=np.uint8)
        cv2.imwrite(str(folder / f"{seed}.png"), cv2.GaussianBlur(picture, (0, 0), 2))
    return folder


def synthesize(photos: Path, out: Path, *more: str) -> int:
    return main(["synthesize", str(photos), "-o", str(out), "--count", "3", *more])


def test_a_file_says_what_is_synthesized(photos: Path, tmp_path: Path) -> None:
    config = tmp_path / "recipe.toml"
    config.write_text(CONFIG, encoding="utf-8")
    assert synthesize(photos, tmp_path / "set", "--config", str(config)) == 0
    header, *lines = map(json.loads, (tmp_path / "set" / "manifest.jsonl").read_text(encoding="utf-8").splitlines())
    assert header["config"]["distractors"]["border_share"] == 1.0
    assert [line["kind"] for line in lines] == ["authentic"] * 3
    assert [[step["step"] for step in line["recipe"]["overlays"]] for line in lines] == [["border"]] * 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[data.synthesis.distractors]\nborders = 1", "unknown synthesis setting: borders"),
        ("[data.synthesis.distractors]\nborder_share = 2", "border_share is a share"),
        ("[data.synthesis.distractors]\nborder_share = 'all'", "border_share is a number"),
        ("[data.synthesis]\ndistractors = 3", "cannot be used"),
        ("[synthesis]\nauthentic = 1", "no table [data.synthesis]"),
        ("authentic =", "not a TOML file that can be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_before_anything_is_written(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    config = tmp_path / "recipe.toml"
    config.write_text(text, encoding="utf-8")
    assert synthesize(photos, tmp_path / "set", "--config", str(config)) == 2
    assert told in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "set").exists()


def test_a_file_that_is_not_there_is_named(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert synthesize(photos, tmp_path / "set", "--config", str(tmp_path / "none.toml")) == 2
    assert "none.toml" in capsys.readouterr().err
