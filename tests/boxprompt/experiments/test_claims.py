"""The experiment goes from a grid to tables in one command, and a second call goes on where the first one stopped."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from boxprompt.data.datasets import TamperedDataset
from boxprompt.experiments.claims import DONE, FAILED, UNFINISHED, main
from boxprompt.experiments.grid import MaterialTable
from boxprompt.experiments.material import make_material

GRID = """
seeds = [3]
[material]
weights = "{weights}"
photos = ["street"]
held_out_share = 0.5
training_count = 3
test_groups = 2
test_photos = 2
test_count = {test_count}
synthesis = {{ authentic = 0.0, short_side_px = [160, 180] }}
[recipe]
epochs = 1
batch_size = 2
[[row]]
name = "boxes"
supervision = "grabcut"
alpha = "learnable"
[[row]]
name = "plain"
supervision = "mask"
trains = "all"
use_gates = false
use_memory = false
[[comparison]]
title = "all at once"
reference = "boxes"
others = ["plain"]
"""


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    (folder / "street").mkdir()
    rng = np.random.default_rng(0)
    for number in range(8):
        large = cv2.resize(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8), (280, 220), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(folder / "street" / f"photo{number}.png"), large)
    return folder


@pytest.fixture(scope="module")
def forged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forged")
    rng = np.random.default_rng(1)
    for name in ("Tp", "Gt"):
        (folder / name).mkdir()
    for number in range(2):
        mask = np.zeros((90, 120), dtype=np.uint8)
        mask[20:50, 30 + number : 70] = 255
        cv2.imwrite(str(folder / "Tp" / f"t{number}.png"), rng.integers(0, 256, (90, 120, 3), dtype=np.uint8))
        cv2.imwrite(str(folder / "Gt" / f"t{number}.png"), mask)
    return folder


def write_grid(tmp_path: Path, weights: Path, *, test_count: int = 1) -> Path:
    path = tmp_path / "grid.toml"
    path.write_text(GRID.format(weights=weights.as_posix(), test_count=test_count))
    return path


def test_one_command_stops_in_time_goes_on_and_ends_in_tables(
    tmp_path: Path, photos: Path, forged: Path, untrained_weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    grid = write_grid(tmp_path, untrained_weights)
    call = [str(grid), "--photos", str(photos), "--forgeries", str(forged), "-o", str(out)]
    assert main([*call, "--minutes", "0"]) == UNFINISHED
    assert not (out / "rows").exists()
    assert main(call) == DONE
    assert capsys.readouterr().out.strip() == str(out / "claims.md")
    rows = {path.name: path.stat().st_mtime_ns for path in (out / "rows").iterdir()}
    assert {"boxes-3.json", "plain-3.json", "reference-as-shipped.json"} <= set(rows)

    record = json.loads((out / "claims.json").read_text())
    assert record["images"] == {"training": 3, "synthetic": 2, forged.name: 2}
    assert [row["row"] for row in record["rows"]][-2:] == ["boxes", "plain"]
    assert record["labels"]["mask"]["mean_iou"] == 1.0
    ones = next(row for row in record["rows"] if row["row"] == "all-ones")
    assert ones["figures"][forged.name]["auc"]["mean"] == 0.5
    assert 0.4 < record["rows"][-2]["alpha"][0] < 0.6 and record["rows"][-1]["alpha"] == [None]
    boxes, plain = (row["figures"][forged.name]["auc"]["mean"] for row in record["rows"][-2:])
    told = next(one for one in record["comparisons"] if (one["set_name"], one["metric"]) == (forged.name, "auc"))
    assert told["estimate"]["value"] == pytest.approx(plain - boxes, abs=1e-6)
    tables = (out / "claims.md").read_text()
    assert "| plain less boxes |" in tables and "| grabcut-20 | 3 |" in tables

    (out / "rows" / "boxes-3.json").rename(tmp_path / "boxes-3.json")
    assert main([*call, "--minutes", "0"]) == UNFINISHED
    assert [row["row"] for row in json.loads((out / "claims.json").read_text())["rows"]][-1] == "plain"
    (tmp_path / "boxes-3.json").rename(out / "rows" / "boxes-3.json")
    assert main(call) == DONE
    assert rows == {path.name: path.stat().st_mtime_ns for path in (out / "rows").iterdir()}

    grid.write_text(grid.read_text().replace("use_gates = false", "use_gates = true"))
    assert main(call) == FAILED
    assert "made by another row" in capsys.readouterr().err


def test_a_grid_that_cannot_be_used_is_told_in_a_sentence(
    tmp_path: Path, photos: Path, forged: Path, untrained_weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grid = write_grid(tmp_path, untrained_weights)
    text = grid.read_text()
    for wrong, told in (
        (text.replace('"street"', '"nowhere"'), "photos cannot be used"),
        (text.replace("test_photos = 2", "test_photos = 3"), "4 photographs are held out, but the test wants 6"),
        (text.replace('others = ["plain"]', 'others = ["another"]'), "no row is called another"),
        (text.replace('name = "plain"', 'name = "boxes"'), "two rows have the same name"),
        ("[", "is not TOML"),
    ):
        grid.write_text(wrong)
        call = [str(grid), "--photos", str(photos), "--forgeries", str(forged), "-o", str(tmp_path / told)]
        assert main(call) == FAILED
        assert told in capsys.readouterr().err


def test_groups_of_the_test_share_no_photograph_with_each_other_or_with_training(tmp_path: Path, photos: Path) -> None:
    table = MaterialTable(
        weights=Path("none.safetensors"),
        photos=("street",),
        held_out_share=0.5,
        training_count=6,
        test_groups=2,
        test_photos=2,
        test_count=4,
        synthesis={"short_side_px": [160, 180], "authentic": 0.4},
    )
    training, test = make_material(table, photos=photos, folder=tmp_path)
    used = {
        folder: {
            source
            for line in (folder / "manifest.jsonl").read_text().splitlines()[1:]
            for source in json.loads(line)["sources"]
        }
        for folder in (tmp_path / "training", *sorted((tmp_path / "synthetic").iterdir()))
    }
    assert len(used) == 3 and sum(map(len, used.values())) == len(set().union(*used.values()))
    assert all(item.mask is not None for item in test.items) and sorted(set(test.groups)) == ["000", "001"]
    assert len(training) == 6 and any(item.mask is None for item in training.items)
    again, _ = make_material(table, photos=photos, folder=tmp_path)
    assert again == training
    assert TamperedDataset.open(tmp_path / "synthetic" / "000").manipulated == test.items[:4]
