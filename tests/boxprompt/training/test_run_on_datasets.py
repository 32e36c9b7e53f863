"""A run on labelled datasets, alone or beside photographs, ends in weights whose card names them."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from boxprompt.errors import ConfigurationError
from boxprompt.training.run import read_config, train
from boxprompt.weights import read_weights

RUN = """
name = "smallest"
[data]
{data}
validation_share = 0.25
validation_count = 4
workers = {workers}
[recipe]
steps = 2
warmup_steps = 1
batch_size = 2
[run]
output = "{output}"
device = "cpu"
"""


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of photographs, and a dataset with masks, scribbles on a second one."""
    root = tmp_path_factory.mktemp("places")
    rng = np.random.default_rng(0)
    for name in ("photos", "masks/Tp", "masks/Gt", "masks/Au", "scribbles/Tp", "scribbles/Pt"):
        (root / name).mkdir(parents=True)
    for number in range(8):
        small = rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        large = cv2.resize(small, (400, 300), interpolation=cv2.INTER_CUBIC)
        mask = np.zeros((300, 400), np.uint8)
        mask[50:200, 100:220] = 255
        strokes = np.full((300, 400), 255, np.uint8)
        strokes[100:110, 120:200], strokes[250:260, :] = 1, 0
        for folder, files in {
            "photos": {f"p{number}.png": large},
            "masks": {f"Tp/m{number}.png": large, f"Gt/m{number}.png": mask, f"Au/a{number}.png": large[::-1]},
            "scribbles": {f"Tp/s{number}.png": large[:, ::-1], f"Pt/s{number}.png": strokes},
        }.items():
            for file, pixels in files.items():
                cv2.imwrite(str(root / folder / file), pixels)
    return root


def write_run(tmp_path: Path, data: str, *, workers: int = 0, output: str = "out") -> Path:
    path = tmp_path / f"{output}.toml"
    path.write_text(RUN.format(data=data, output=(tmp_path / output).as_posix(), workers=workers))
    return path


def of_masks(places: Path) -> str:
    return f'{{ path = "{(places / "masks").as_posix()}", terms = "of masks" }}'


def of_scribbles(places: Path) -> str:
    return f'{{ path = "{(places / "scribbles").as_posix()}", terms = "of scribbles", weight = 2 }}'


def test_a_run_on_photographs_and_datasets_ends_in_weights_that_name_them_all(tmp_path: Path, places: Path) -> None:
    # With a worker, as runs have it, which takes seconds to start: what cannot be sent to a process would show here.
    photos = f'photos = [{{ path = "{(places / "photos").as_posix()}", terms = "of photographs" }}]'
    data = f"{photos}\ndatasets = [{of_masks(places)}, {of_scribbles(places)}]"
    ended = train(read_config(write_run(tmp_path, data, workers=1)))
    assert ended.result.finished
    card = read_weights(tmp_path / "out" / "smallest.safetensors").card
    assert [(Path(one.name).name, one.images, one.terms) for one in card.training_data] == [
        ("photos", 8, "of photographs"),
        ("masks", 16, "of masks"),
        ("scribbles", 8, "of scribbles"),
    ]
    assert len({one.dataset_sha256 for one in card.training_data}) == 3
    assert card.training_data[0].dataset_sha256 == ""
    assert set(json.loads((tmp_path / "out" / "datasets.json").read_text()).values()) == {
        one.dataset_sha256 for one in card.training_data[1:]
    }
    last = ended.result.last
    assert last is not None and last.validation_loss is not None and np.isfinite(last.validation_loss)


def test_a_run_without_anything_to_learn_from_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="photos or datasets must name something"):
        read_config(write_run(tmp_path, ""))


def test_a_dataset_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"\[data\] datasets: .*gone.* cannot be"):
        train(read_config(write_run(tmp_path, f'datasets = [{{ path = "{tmp_path.as_posix()}/gone", terms = "" }}]')))
