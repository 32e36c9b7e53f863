"""Evaluation sees images as analysis does, and writes its figures whole or not at all."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from forensic_gui.domain.errors import Cancelled, EvidenceDamaged, OutputError, RequestError
from forensic_gui.domain.evidence import DecodedEvidence, DecodeFacts, Evidence
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.heatmap import Heatmap, Localization
from forensic_gui.services import engine
from forensic_gui.services.evaluate import EvaluateRequest, evaluate
from forensic_gui.services.ports import LocalizerInfo, Views
from forensic_gui.services.progress import CancelToken
from forensic_gui.services.scoring import F1Variant, ScoringPlan

HEIGHT, WIDTH = 12, 18


class FakeDecoder:
    """Reads with Pillow; some files are damaged or turned."""

    def __init__(self, *, damaged: str = "", turned: str = "") -> None:
        self.damaged, self.turned = damaged, turned

    def decode(self, path, *, page=0, max_side_px=None, cancel=None):
        if path.name == self.damaged:
            raise EvidenceDamaged(f"{path} is damaged.")
        pixels = np.asarray(Image.open(path).convert("RGB"))
        orientation = Orientation.ROTATED_90_CW if path.name == self.turned else Orientation.UPRIGHT
        facts = DecodeFacts(
            format="PNG",
            decoder="Fake",
            decoder_version="1",
            stored=Size.of(pixels),
            orientation=orientation,
            mode="RGB",
            bit_depth=8,
        )
        return DecodedEvidence(Evidence(path, "0" * 64, 1, ""), facts, pixels, 0.0, 0.0)

    def close(self) -> None:
        """Nothing to stop."""


class FakeLocalizer:
    """Says that what is bright was manipulated, on a grid of half the size."""

    info = LocalizerInfo(
        weights_id="bright",
        weights_sha256="ab" * 32,
        architecture="none",
        threshold=0.25,
        device="cpu",
        runtime="numpy",
        parameters={"b": 1, "a": 2},
    )

    def __init__(self) -> None:
        self.views: set[Views] = set()

    def localize(self, pixels, *, orientation=Orientation.UPRIGHT, views=Views.FAST, inspect=False, cancel=None):
        self.views.add(views)
        grid = np.ascontiguousarray((pixels[::2, ::2, 0] / 255).astype(np.float32))
        return Localization(heatmap=Heatmap(grid=grid, size=Size.of(pixels)))


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    for name in ("Tp", "Gt", "Au"):
        (folder / name).mkdir(parents=True)
    for stem, rows in (("=one", 4), ("two", 8)):
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        mask[:rows] = 255
        Image.fromarray(mask).save(folder / "Tp" / f"{stem}.png")
        Image.fromarray(mask).save(folder / "Gt" / f"{stem}.png")
    Image.new("RGB", (WIDTH, HEIGHT)).save(folder / "Au" / "three.png")
    return folder


def run(request, **changes):
    collaborators = {
        "decoder": FakeDecoder(),
        "localizer": FakeLocalizer(),
        "score_folder": engine.score_folder,
        **changes,
    }
    return evaluate(request, **collaborators)


def test_figures_are_of_the_map_at_the_images_own_size(dataset, tmp_path):
    summary = run(EvaluateRequest(dataset=dataset, scores=tmp_path / "scores.json"))
    pixel = summary.record["scores"][0]["pixel"]
    # The grid has half the size: between its rows the border blurs, so a good map, not a perfect one.
    assert 0.85 < pixel["f1_at_half"]["value"] < 1.0
    assert pixel["n"] == 2
    assert summary.failures == ()


def test_the_scores_file_says_what_ran_and_is_what_was_returned(dataset, tmp_path):
    scores = tmp_path / "new" / "scores.json"
    localizer = FakeLocalizer()
    summary = run(
        EvaluateRequest(dataset=dataset, scores=scores, views=Views.THOROUGH, plan=ScoringPlan(limit=3)),
        localizer=localizer,
    )
    record = json.loads(scores.read_text())
    assert record == json.loads(json.dumps(summary.record))
    assert record["schema"] == "forensic-gui.scores/1"
    assert record["localizer"]["weights_sha256"] == "ab" * 32
    assert record["localizer"]["views"] == "thorough"
    assert localizer.views == {Views.THOROUGH}
    assert record["decoders"] == ["Fake 1"]
    assert record["limit"] == 3
    assert [one["localizer"] for one in record["scores"]] == ["bright"]


@pytest.mark.parametrize(("asked", "used"), [(None, 0.25), (0.75, 0.75), (0.0, 0.0)])
def test_the_threshold_is_the_weights_own_unless_asked_otherwise(dataset, tmp_path, asked, used):
    summary = run(EvaluateRequest(dataset=dataset, scores=tmp_path / "s.json", threshold=asked))
    assert summary.record["scores"][0]["threshold"] == used


def test_baselines_are_scored_on_the_same_images_at_one_half(dataset, tmp_path):
    summary = run(EvaluateRequest(dataset=dataset, scores=tmp_path / "s.json", plan=ScoringPlan(baselines=True)))
    scores = summary.record["scores"]
    assert [one["localizer"] for one in scores][:3] == ["bright", "all-ones", "centred-gaussian"]
    assert {one["threshold"] for one in scores[1:]} == {0.5}
    assert len({one["dataset_sha256"] for one in scores}) == 1
    assert summary.table.split("\n\n")[0].count("\n") == len(scores) + 1


def test_rows_are_a_table_of_every_image_in_which_no_name_is_a_formula(dataset, tmp_path):
    rows = tmp_path / "rows.csv"
    run(EvaluateRequest(dataset=dataset, scores=tmp_path / "s.json", rows=rows))
    with rows.open(newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert [line["image"] for line in lines] == ["'=one.png", "two.png", "three.png"]
    assert lines[2]["auc"] == "" and float(lines[1]["auc"]) > 0.9


def test_damaged_and_turned_images_are_named_and_the_rest_is_scored(dataset, tmp_path):
    told = []
    summary = run(
        EvaluateRequest(dataset=dataset, scores=tmp_path / "s.json"),
        decoder=FakeDecoder(damaged="two.png", turned="three.png"),
        progress=told.append,
    )
    assert {failure.image for failure in summary.failures} == {"two.png", "three.png"}
    assert "orientation 6" in summary.failures[1].reason
    assert [(event.kind, event.done, event.total, event.failed) for event in told] == [
        ("finished", 1, 3, 0),
        ("failed", 2, 3, 1),
        ("failed", 3, 3, 2),
    ]
    assert summary.record["scores"][0]["pixel"]["n"] == 1


def test_scores_that_rounding_took_past_one_are_taken_back(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "forensic_gui.services.rendering.evidence_scores",
        lambda heatmap: np.full(heatmap.size.shape, np.nextafter(np.float32(1), np.float32(2)), np.float32),
    )
    summary = run(EvaluateRequest(dataset=dataset, scores=tmp_path / "s.json"))
    assert summary.record["scores"][0]["untouched"]["pixels"]["value"] == 1


def test_heatmaps_of_another_tool_are_a_row_of_the_same_table(dataset, tmp_path):
    maps = tmp_path / "maps"
    maps.mkdir()
    for stem in ("=one", "two", "three"):
        np.save(maps / f"{stem}.npy", np.zeros((3, 4), np.float32))
    summary = run(
        EvaluateRequest(dataset=dataset, scores=tmp_path / "s.json", plan=ScoringPlan(predictions={"silent": maps}))
    )
    assert [one["localizer"] for one in summary.record["scores"]] == ["bright", "silent"]
    assert summary.record["scores"][1]["predictions"]["resized"] == 3
    assert summary.record["scores"][1]["pixel"]["f1_at_half"]["value"] == 0


@pytest.mark.parametrize("name", ["bright", "all-ones"])
def test_heatmaps_cannot_take_the_name_of_another_row(dataset, tmp_path, name):
    plan = ScoringPlan(predictions={name: tmp_path}, baselines=True)
    with pytest.raises(RequestError, match="another name"):
        run(EvaluateRequest(dataset=dataset, scores=tmp_path / "s.json", plan=plan))


def test_missing_heatmaps_are_a_wrong_call_that_names_them(dataset, tmp_path):
    plan = ScoringPlan(predictions={"other": tmp_path})
    with pytest.raises(RequestError, match=r"for =one\.png, two\.png, three\.png"):
        run(EvaluateRequest(dataset=dataset, scores=tmp_path / "s.json", plan=plan))


def test_robustness_calibration_and_variants_are_written_and_told(dataset, tmp_path):
    rows = tmp_path / "rows.csv"
    plan = ScoringPlan(robustness=True, variants=(F1Variant.DOUBLE,))
    summary = run(EvaluateRequest(dataset=dataset, scores=tmp_path / "s.json", rows=rows, plan=plan, calibration=True))
    scores = json.loads((tmp_path / "s.json").read_text())["scores"][0]
    assert len(scores["robustness"]["conditions"]) == 26
    assert set(scores["f1_variants"]) == {"double"}
    assert summary.table.count("\n\n") == 3
    with rows.open(newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert [line["condition"] for line in lines if line["image"] == "two.png"][:2] == ["undegraded", "jpeg 100"]
    assert len(lines) == 3 * 26


def test_a_robustness_run_that_is_cancelled_writes_nothing(dataset, tmp_path):
    token = CancelToken()
    request = EvaluateRequest(dataset=dataset, scores=tmp_path / "out" / "s.json", plan=ScoringPlan(robustness=True))
    with pytest.raises(Cancelled):
        run(request, cancel=token, progress=lambda event: token.cancel() if event.done == 20 else None)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_cancelled_evaluation_writes_nothing(dataset, tmp_path):
    token = CancelToken()
    request = EvaluateRequest(dataset=dataset, scores=tmp_path / "out" / "s.json", rows=tmp_path / "out" / "r.csv")
    with pytest.raises(Cancelled):
        run(request, cancel=token, progress=lambda event: token.cancel())
    assert list((tmp_path / "out").iterdir()) == []


def test_rows_that_cannot_be_written_leave_no_scores_behind(dataset, tmp_path):
    (tmp_path / "out" / "taken.csv").mkdir(parents=True)
    request = EvaluateRequest(dataset=dataset, scores=tmp_path / "out" / "s.json", rows=tmp_path / "out" / "taken.csv")
    with pytest.raises(OutputError, match=r"taken\.csv"):
        run(request)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["taken.csv"]


def test_a_folder_that_vanished_meanwhile_leaves_no_staged_file_behind(dataset, tmp_path):
    request = EvaluateRequest(dataset=dataset, scores=tmp_path / "a" / "s.json", rows=tmp_path / "b" / "r.csv")

    def remove(event):
        if event.done == event.total:
            (tmp_path / "b").rmdir()

    with pytest.raises(OutputError, match=r"r\.csv"):
        run(request, progress=remove)
    assert list((tmp_path / "a").iterdir()) == []


def test_an_output_folder_that_cannot_be_is_told_before_the_work(dataset, tmp_path):
    (tmp_path / "file").write_text("")
    told = []
    with pytest.raises(OutputError):
        run(EvaluateRequest(dataset=dataset, scores=tmp_path / "file" / "s.json"), progress=told.append)
    assert told == []


def test_a_folder_that_is_no_dataset_is_a_wrong_call(tmp_path):
    with pytest.raises(RequestError, match="Tp and Gt"):
        run(EvaluateRequest(dataset=tmp_path / "absent", scores=tmp_path / "s.json"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"threshold": 1.5}, "from 0 to 1"),
        ({"plan": ScoringPlan(limit=0)}, "at least one"),
        ({"rows": Path("s.json")}, "a file for each"),
        ({"plan": ScoringPlan(robustness=True, predictions={"other": Path("maps")})}, "one of the two"),
    ],
)
def test_requests_that_contradict_themselves_are_refused(changes, sentence):
    with pytest.raises(RequestError, match=sentence):
        EvaluateRequest(dataset=Path("d"), scores=Path("s.json"), **changes)
