"""Which segmenter is loaded where none is named, and what is said where one cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from boxprompt.errors import WeightsMismatchError
from boxprompt.inference import device as devices
from boxprompt.teacher import sam
from forensic_gui.domain.errors import DeviceUnavailable, SegmenterError
from forensic_gui.services import engine

ALL = tuple(each.id for each in engine.CHECKPOINTS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "segmenters"


def install(folder: Path, *ids: str) -> None:
    folder.mkdir(exist_ok=True)
    for checkpoint in engine.CHECKPOINTS:
        if checkpoint.id in ids:
            (folder / checkpoint.file_name).write_bytes(b"not really")


class Loading:
    """Stands for the library: every checkpoint loads, other than those said to be damaged."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.damaged: set[str] = set()

    def __call__(self, path: Path, *, id: str, device: str) -> object:
        assert path.is_file()
        self.asked.append((id, device))
        if id in self.damaged:
            raise WeightsMismatchError(f"{id} is damaged.")
        return Loaded(id)


class Loaded:
    """As much of a teacher as loading looks at."""

    keeps_encodings = True
    name, weights_sha256, device, runtime, is_quick = "SAM", "ab" * 32, "cpu", "torch", True
    notices = ()

    def __init__(self, id: str) -> None:
        self.id = id

    def parameters(self) -> dict[str, str]:
        return {}


@pytest.fixture
def loading(monkeypatch: pytest.MonkeyPatch) -> Loading:
    loading = Loading()
    monkeypatch.setattr(sam, "load_sam", loading)
    return loading


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The accelerators of a pretended machine; the CPU is there always."""
    present: list[str] = []
    monkeypatch.setattr(devices, "_is_available", lambda name: name == "cpu" or name in present)
    return present


def test_where_nothing_is_installed_grabcut_cuts_and_says_that_it_is_not_sam(folder: Path) -> None:
    info = engine.load_segmenter(folders=[folder]).info
    assert (info.id, info.name, info.weights_sha256) == ("grabcut", "GrabCut (no SAM)", "")
    assert (info.id, info.name) == (engine.GRABCUT_ID, engine.GRABCUT_NAME)
    assert not info.notices


@pytest.mark.parametrize(
    ("accelerator", "device", "installed", "chosen"),
    [
        (None, "auto", ALL, "mobile-sam"),
        (None, "auto", ("sam-vit-h", "sam-vit-b"), "sam-vit-b"),
        ("cuda", "auto", ALL, "sam-vit-h"),
        ("cuda", "auto", ("mobile-sam", "sam-vit-b"), "sam-vit-b"),
        ("cuda", "cpu", ALL, "mobile-sam"),
        ("mps", "auto", ALL, "mobile-sam"),
    ],
)
def test_the_largest_is_chosen_on_cuda_and_the_fastest_elsewhere(
    folder: Path,
    loading: Loading,
    machine: list[str],
    accelerator: str | None,
    device: str,
    installed: tuple[str, ...],
    chosen: str,
) -> None:
    machine += [accelerator] if accelerator else []
    install(folder, *installed)
    assert engine.load_segmenter(folders=[folder], device=device).info.id == chosen
    assert loading.asked == [(chosen, device)]


def test_a_damaged_one_is_passed_over_with_a_notice(folder: Path, loading: Loading, machine: list[str]) -> None:
    install(folder, "mobile-sam", "sam-vit-b")
    loading.damaged = {"mobile-sam"}
    info = engine.load_segmenter(folders=[folder]).info
    assert info.id == "sam-vit-b" and info.notices == ("mobile-sam is damaged. It was passed over.",)
    loading.damaged = {"mobile-sam", "sam-vit-b"}
    info = engine.load_segmenter(folders=[folder]).info
    assert info.id == "grabcut" and len(info.notices) == 2


def test_a_damaged_one_that_was_named_is_refused(folder: Path, loading: Loading) -> None:
    install(folder, "sam-vit-b")
    loading.damaged = {"sam-vit-b"}
    with pytest.raises(SegmenterError, match="damaged"):
        engine.load_segmenter(folders=[folder], segmenter="sam-vit-b")


def test_the_first_folder_wins(folder: Path, tmp_path: Path) -> None:
    install(folder, "sam-vit-b")
    other = tmp_path / "other"
    install(other, "sam-vit-b", "mobile-sam")
    found = {each.id: engine.find_checkpoint(each, folders=[folder, other]) for each in engine.CHECKPOINTS}
    assert found["sam-vit-b"] is not None and found["sam-vit-b"].parent == folder
    assert found["mobile-sam"] is not None and found["mobile-sam"].parent == other
    assert found["sam-vit-h"] is None


def test_one_that_is_not_installed_is_told_with_what_to_do(folder: Path) -> None:
    with pytest.raises(SegmenterError, match="weights install sam-vit-b") as told:
        engine.load_segmenter(folders=[folder], segmenter="sam-vit-b")
    assert "https://" in str(told.value) and "weights import sam_vit_b_01ec64.pth" in str(told.value)


def test_an_unknown_one_is_told_with_those_there_are(folder: Path) -> None:
    with pytest.raises(SegmenterError, match="choose one of grabcut, mobile-sam, sam-vit-b"):
        engine.load_segmenter(folders=[folder], segmenter="sam-2")


def test_a_device_that_is_not_there_is_refused(folder: Path, machine: list[str]) -> None:
    install(folder, "mobile-sam")
    for wrong in ("cuda", "tpu"):
        with pytest.raises(DeviceUnavailable):
            engine.load_segmenter(folders=[folder], device=wrong)
    with pytest.raises(DeviceUnavailable, match="CPU alone"):
        engine.load_segmenter(folders=[folder], segmenter="grabcut", device="cuda")


def test_a_file_that_is_no_checkpoint_is_refused_by_its_hash(folder: Path) -> None:
    install(folder, "mobile-sam")
    with pytest.raises(SegmenterError, match="SHA-256"):
        engine.load_segmenter(folders=[folder], segmenter="mobile-sam")
