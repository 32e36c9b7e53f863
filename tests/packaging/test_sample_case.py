"""The sample case is what its manifest says, and can be made again."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="module")
def sample(checkout: Path) -> Path:
    return checkout / "resources" / "sample_case"


@pytest.fixture(scope="module")
def manifest(sample: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((sample / "manifest.json").read_text(encoding="utf-8"))
    return record


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_manifest_names_every_image_and_mask_and_nothing_else(sample: Path, manifest: dict[str, Any]) -> None:
    named = {name for entry in manifest["images"] for name in (entry["image"], entry["mask"]) if name is not None}
    assert set(files(sample)) == named | {"manifest.json", "CREDITS.md"}


def test_every_image_has_the_hash_that_the_manifest_gives(sample: Path, manifest: dict[str, Any]) -> None:
    for entry in manifest["images"]:
        assert hashlib.sha256((sample / entry["image"]).read_bytes()).hexdigest() == entry["sha256"], entry["image"]


def test_manipulated_images_have_a_mask_of_their_size_and_untouched_ones_none(
    sample: Path, manifest: dict[str, Any]
) -> None:
    kinds = [entry["manipulation"] for entry in manifest["images"]]
    assert sorted(kinds) == ["copy-move", "removal", "splice", "untouched", "untouched"]
    for entry in manifest["images"]:
        assert (entry["mask"] is None) == (entry["manipulation"] == "untouched")
        if entry["mask"] is not None:
            with Image.open(sample / entry["image"]) as image, Image.open(sample / entry["mask"]) as mask:
                assert mask.size == image.size
                covered = np.asarray(mask.convert("L")) > 127
            assert 0.005 < covered.mean() < 0.1


def test_the_credits_name_every_photograph_that_was_used(sample: Path, manifest: dict[str, Any]) -> None:
    credits = (sample / "CREDITS.md").read_text(encoding="utf-8")
    used = {name for entry in manifest["images"] for name in entry["made_from"]}
    assert used
    assert not [name for name in used if f"`{name}`" not in credits]


def test_the_sample_case_is_small(sample: Path) -> None:
    assert sum(len(data) for data in files(sample).values()) < 500_000


def test_rebuilding_gives_the_same_bytes(
    sample: Path, manifest: dict[str, Any], checkout: Path, tmp_path: Path
) -> None:
    if importlib.util.find_spec("skimage") is None:
        pytest.skip("the photographs come with scikit-image, which is not installed")
    if manifest["made_with"]["opencv"] != cv2.__version__:
        pytest.skip(f"made with OpenCV {manifest['made_with']['opencv']}, whose JPEG encoder is not this one's")
    command = [sys.executable, str(checkout / "packaging" / "build_sample_case.py"), "--out", str(tmp_path)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert built.returncode == 0, built.stderr
    expected = files(sample)
    del expected["CREDITS.md"]
    assert files(tmp_path) == expected


def test_the_builder_refuses_other_photographs(checkout: Path, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "rocket.jpg")
    script = str(checkout / "packaging" / "build_sample_case.py")
    command = [sys.executable, script, "--photographs", str(tmp_path), "--out", str(tmp_path / "out")]
    built = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert built.returncode == 1
    assert "rocket.jpg is not the photograph that the outlines were drawn on" in built.stderr
