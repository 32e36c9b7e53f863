"""Segmenters in the benchmark: their times as rows, and their masks against known ones."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from boxprompt.teacher.contracts import TeacherMask
from boxprompt.teacher.grabcut import GrabCut
from forensic_gui.cli.main import main
from forensic_gui.domain.errors import Cancelled
from forensic_gui.domain.evidence import DecodedEvidence, DecodeFacts, Evidence
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.services import bootstrap, engine
from forensic_gui.services.benchmark import run as running
from forensic_gui.services.benchmark.measures import Bench
from forensic_gui.services.benchmark.rows import Row, Unit
from forensic_gui.services.benchmark.segmenters import SegmenterPorts, rows_of_segmenters, segmenter_rows
from forensic_gui.services.ports import SegmenterInfo
from forensic_gui.services.progress import CancelToken
from forensic_gui.storage.embeddings import EmbeddingCache
from tests.forensic_gui.services import test_benchmark

SAM = SegmenterInfo(
    id="sam-vit-b",
    name="SAM ViT-B (unvalidated weights)",
    weights_sha256="0" * 64,
    device="cpu",
    runtime="torch 2",
    parameters={"encoder_dtype": "bfloat16", "validated_weights": False},
)
GRABCUT = SegmenterInfo("grabcut", "GrabCut (no SAM)", "", "cpu", "OpenCV 5.0.0", {})
TAKEN = {"encode": 9000.0, "open": 80.0, "hash": 50.0, "answer": 70.0, "grabcut": 60.0}


def rows(sam: SegmenterInfo = SAM) -> dict[str, dict[str, object]]:
    found = rows_of_segmenters(
        TAKEN, sam=sam, grabcut=GRABCUT, macs=486 * 10**9, rate=162e9, megapixels=12.0, repeats=7
    )
    return {row.name: row.to_record() for row in found}


def test_each_time_stands_beside_what_it_is_held_to() -> None:
    found = rows()
    assert found["segmenter_encode"]["floor"] == pytest.approx(6000) and found["segmenter_encode"]["ratio"] == 1.5
    assert found["segmenter_cached_open"]["ratio"] == pytest.approx(1.6) and found["segmenter_cached_open"]["met"]
    assert (found["segmenter_decode"]["target"], found["segmenter_decode"]["met"]) == (150.0, True)
    assert found["grabcut_decode"]["value"] == 60.0 and "OpenCV 5.0.0" in str(found["grabcut_decode"]["note"])


def test_random_weights_are_said_to_be_random_and_real_ones_are_not() -> None:
    for name in ("segmenter_encode", "segmenter_decode"):
        assert "random weights of the true shape" in str(rows()[name]["note"])
    real = rows(replace(SAM, name="SAM ViT-B", parameters={**SAM.parameters, "validated_weights": True}))
    assert not any("random" in str(row["note"]) for row in real.values())
    assert "bfloat16" in str(real["segmenter_encode"]["note"])


class SlowTeacher(GrabCut):
    """GrabCut in the place of SAM: what it saw is kept."""

    id, keeps_encodings = "sam-vit-b", True  # type: ignore[misc]

    def __init__(self) -> None:
        super().__init__()
        self.encoded = 0

    def encode(self, image: np.ndarray, **told: object) -> object:
        self.encoded += 1
        return super().encode(image, **told)


class PlainDecoder:
    """Makes pixels of a file without a child process."""

    def decode(self, path: Path, **_: object) -> DecodedEvidence:
        pixels = np.asarray(Image.open(path).convert("RGB"))
        facts = DecodeFacts("PNG", "Pillow", "", Size.of(pixels), Orientation.UPRIGHT, "RGB", 8)
        return DecodedEvidence(Evidence(path, "ab" * 32, 1, ""), facts, pixels, 0.0, 0.0)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(PlainDecoder(), None, None, tmp_path, repeats=2, cancel=CancelToken())  # type: ignore[arg-type]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.fromarray(np.random.default_rng(5).integers(0, 256, (90, 120, 3), dtype=np.uint8)).save(path)
    return path


def test_the_encoder_runs_once_and_every_later_opening_is_from_disk(bench: Bench, image: Path) -> None:
    teacher = SlowTeacher()
    asked: list[str] = []

    def load(segmenter: str, *, embeddings: EmbeddingCache | None) -> engine.EngineSegmenter:
        asked.append(segmenter)
        return engine.EngineSegmenter(teacher if segmenter == "sam-vit-b" else GrabCut(), embeddings=embeddings)

    found = segmenter_rows(bench, image, ports=SegmenterPorts(load, lambda _: 10**9), rate=1e11)
    assert teacher.encoded == 1 and asked == ["sam-vit-b", "grabcut"]
    assert [row.name for row in found] == [
        "segmenter_encode",
        "segmenter_cached_open",
        "segmenter_decode",
        "grabcut_decode",
    ]
    assert all(row.value is not None and row.value > 0 for row in found)


def test_they_are_measured_last_at_the_rate_of_the_same_run_unless_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    rates: list[float] = []

    def measure(bench: Bench, image: Path, *, ports: object, rate: float) -> list[Row]:
        assert image.is_file() and ports is told
        rates.append(rate)
        return [Row("segmenter_decode", "SAM answers", Unit.MILLISECONDS, 1.0)]

    told = SegmenterPorts(lambda *_, **__: engine.EngineSegmenter(GrabCut()), lambda _: 1)
    monkeypatch.setattr(running, "segmenter_rows", measure)

    def names(request: running.BenchmarkRequest) -> list[str]:
        found = running.benchmark(
            request,
            decoder=test_benchmark.PlainDecoder(),
            localizer=test_benchmark.FlatLocalizer(),
            run_probe=test_benchmark.ScriptedProcesses(),
            segmenters=told,
        )
        return [row.name for row in found.rows]

    assert names(test_benchmark.SMALL)[-1] == "segmenter_decode" and rates[0] > 0
    assert "segmenter_decode" not in names(replace(test_benchmark.SMALL, segmenters=False))


def test_a_stopped_measure_ends(bench: Bench, image: Path) -> None:
    bench.cancel.cancel()
    with pytest.raises(Cancelled):
        segmenter_rows(
            bench,
            image,
            ports=SegmenterPorts(lambda *_, **__: engine.EngineSegmenter(GrabCut()), lambda _: 1),
            rate=1.0,
        )


class TestComparison:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        rows, columns = np.mgrid[:100, :140]
        for name in ("images", "masks"):
            (tmp_path / "set" / name).mkdir(parents=True)
        for number in range(3):
            disc = (rows - 50) ** 2 + (columns - 40 - 20 * number) ** 2 < 25**2
            picture = np.where(disc[..., None], [200, 60, 40], [40, 90, 160]).astype(np.uint8)
            picture += np.random.default_rng(number).integers(0, 9, picture.shape, dtype=np.uint8)
            Image.fromarray(picture).save(tmp_path / "set" / "images" / f"{number}.png")
            Image.fromarray(disc.astype(np.uint8)).save(tmp_path / "set" / "masks" / f"{number}.png")
        return tmp_path / "set"

    @pytest.fixture(autouse=True)
    def own_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(bootstrap, "user_data_folder", lambda: tmp_path / "home")
        return tmp_path / "home" / "segmenters"

    def test_it_states_the_mean_iou_of_what_can_run_beside_the_box_itself(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["benchmark", "--masks", str(folder), "--json"]) == 0
        record = json.loads(capsys.readouterr().out)
        (grabcut,) = record["segmenters"]
        assert (grabcut["segmenter"], grabcut["iou"]["n"], record["failures"]) == ("grabcut", 3, {})
        assert grabcut["iou"]["value"] > 0.95
        assert grabcut["box_iou"]["value"] < 0.8

    def test_the_table_has_a_line_for_each(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("COLUMNS", "120")
        assert main(["benchmark", "--masks", str(folder), "--limit", "2"]) == 0
        told = capsys.readouterr().out
        assert "GrabCut (no SAM)" in told and "the box itself" in told and "bootstrap over images" in told

    def test_a_segmenter_that_cannot_run_and_an_unreadable_image_are_named(
        self, folder: Path, own_folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        own_folder.mkdir(parents=True)
        (own_folder / "mobile_sam.pt").write_bytes(b"damaged")
        (folder / "images" / "1.png").write_bytes(b"no image")
        assert main(["benchmark", "--masks", str(folder), "--json"]) == 1
        told = capsys.readouterr()
        assert "mobile-sam: " in told.err and "1.png" in told.err
        record = json.loads(told.out)
        assert list(record["failures"]) == ["mobile-sam"] and record["segmenters"][0]["iou"]["n"] == 2

    def test_a_folder_of_another_kind_is_a_wrong_call(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["benchmark", "--masks", str(tmp_path)]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1

    def test_a_mask_that_is_perfect_scores_one(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The measure itself: an oracle gets everything right."""

        class Oracle(GrabCut):
            def decode(self, encoding: object, prompts: object, **_: object) -> TeacherMask:
                return TeacherMask(encoding.image[..., 0] > 150, 1.0)  # type: ignore[attr-defined]

        monkeypatch.setattr("boxprompt.teacher.grabcut.GrabCut", Oracle)
        scores = engine.score_segmenter(
            "grabcut",
            folder,
            folders=[],
            device="cpu",
            limit=None,
            read=lambda path: np.asarray(Image.open(path)),
            on_image=lambda **_: None,
            cancel=CancelToken(),
        )
        assert scores.iou.value == 1.0 and scores.boundary_f.value == 1.0
