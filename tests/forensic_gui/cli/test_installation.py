"""`weights`, `doctor`, `synthesize` and `train`: what they tell of an installation and of what they made."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from forensic_gui.cli.main import main
from forensic_gui.services import bootstrap, doctor, engine


@pytest.fixture
def installed(untrained_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with weights, the only one that is looked at; they are the default ones."""
    folder = tmp_path / "weights"
    folder.mkdir()
    for suffix in (".safetensors", ".json"):
        shutil.copy(untrained_weights.with_suffix(suffix), folder)
    monkeypatch.setattr(bootstrap, "weight_folders", lambda: [folder])
    monkeypatch.setattr(bootstrap, "segmenter_folders", lambda: [tmp_path / "segmenters"])
    monkeypatch.setattr(engine, "DEFAULT_WEIGHTS", "untrained")
    return folder / untrained_weights.name


def localizers(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """What was written on stdout of the weights of the localizer."""
    listed = map(json.loads, capsys.readouterr().out.splitlines())
    return [record for record in listed if record["kind"] == "localizer"]


def test_a_broken_card_is_named_and_the_other_weights_are_still_listed_and_verified(
    installed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (installed.parent / "aaa.safetensors").touch()
    (installed.parent / "aaa.json").write_text("{}")
    for command in ("list", "verify"):
        assert main(["weights", command]) == 1
        told = capsys.readouterr()
        assert "untrained" in told.out and "aaa" not in told.out
        (line,) = told.err.splitlines()
        assert line.startswith("aaa: ") and "is not of this version's form" in line
        assert main(["weights", command, "--json"]) == 1
        assert [record["id"] for record in localizers(capsys)] == ["aaa", "untrained"]


def test_weights_are_listed_with_what_their_card_says(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["weights", "list"]) == 0
    text = capsys.readouterr().out
    assert "untrained (default)" in text and "threshold: 0.5" in text and str(installed) in text
    assert main(["weights", "list", "--json"]) == 0
    (record,) = localizers(capsys)
    assert (record["id"], record["path"], record["problem"]) == ("untrained", str(installed), None)


def test_altered_weights_fail_verification(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["weights", "verify"]) == 0
    assert "as its card states" in capsys.readouterr().out
    with installed.open("ab") as stream:
        stream.write(b"!")
    assert main(["weights", "verify", "--json"]) == 1
    output = capsys.readouterr()
    assert "untrained: " in output.err and "altered" in output.err
    assert "altered" in json.loads(output.out)["problem"]


def test_an_installation_without_weights_does_not_verify(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "weight_folders", list)
    assert main(["weights", "verify"]) == 1
    assert "No weights are installed." in capsys.readouterr().err


@pytest.mark.usefixtures("installed")
def test_a_whole_installation_passes_its_checks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    passed = {check["name"]: check["passed"] for check in record["checks"]}
    assert passed["decoder"] and passed["weights"] and passed["localizer"] and passed["segmenter"]
    (segmenter,) = [check["detail"] for check in record["checks"] if check["name"] == "segmenter"]
    assert segmenter == "GrabCut (no SAM) on cpu is active; installed: GrabCut (no SAM)."
    assert record["packages"]["torch"] and record["facts"]["python"]


def test_what_is_broken_is_named_with_what_needs_it(
    installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed.write_bytes(b"damaged")
    assert main(["doctor"]) == 1
    text = capsys.readouterr().out
    assert "weights DOES NOT WORK (needed for analyzing)" in text and "altered or damaged" in text
    assert "decoder works" in text


def test_a_checkpoint_that_cannot_be_used_is_named(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder,) = bootstrap.segmenter_folders()
    folder.mkdir()
    (folder / "mobile_sam.pt").write_bytes(b"damaged")
    assert main(["doctor"]) == 1
    text = capsys.readouterr().out
    assert "segmenter DOES NOT WORK (needed for masks of boxes)" in text and "mobile_sam.pt" in text


def test_a_machine_without_a_display_passes_and_is_told(installed: Path) -> None:
    diagnosis = doctor.diagnose({})
    window = next(check for check in diagnosis.checks if check.name == "window")
    assert isinstance(window.passed, bool) and window.needed_for.startswith("the window")


def photographs(folder: Path, count: int = 3) -> Path:
    folder.mkdir()
    for index in range(count):
        rng = np.random.default_rng(index)
        coarse = rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        photograph = np.asarray(Image.fromarray(coarse).resize((320, 240), Image.Resampling.BICUBIC)).astype(float)
        noisy = np.clip(photograph + rng.normal(0, 6, photograph.shape), 0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(folder / f"{index}.jpg", quality=92)
    return folder


def test_a_data_set_is_made_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photos, output = photographs(tmp_path / "photos"), tmp_path / "set"
    arguments = ["synthesize", str(photos), "-o", str(output), "--count", "4", "--progress", "jsonl", "--json"]
    assert main(arguments) == 0
    *events, summary = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["done"] for event in events] == [1, 2, 3, 4]
    assert sum(summary["written"].values()) == 4
    assert len(list((output / "Gt").iterdir())) == len(list((output / "Tp").iterdir()))
    assert main(arguments) == 2  # the folder holds something by now


@pytest.mark.parametrize("arguments", [["--count", "0"], ["--count", "2"]])
def test_a_data_set_of_nothing_is_a_wrong_call(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["synthesize", str(tmp_path / "missing"), "-o", str(tmp_path / "set"), *arguments]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_configuration_that_cannot_be_read_is_a_wrong_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(tmp_path / "missing.toml")]) == 2
    assert "missing.toml" in capsys.readouterr().err
