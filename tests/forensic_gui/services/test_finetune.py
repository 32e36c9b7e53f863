"""Fine-tuning as the window runs it: events, control, what goes in place and what is never written over."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from forensic_gui.domain.errors import Cancelled, EvidenceDamaged, RequestError
from forensic_gui.domain.evidence import DecodedEvidence, DecodeFacts, Evidence
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.heatmap import Heatmap, Localization
from forensic_gui.services import engine
from forensic_gui.services.finetune.control import RunControl, obey
from forensic_gui.services.finetune.destination import Destination, destination
from forensic_gui.services.finetune.events import (
    Comparison,
    DoneEvent,
    FailedEvent,
    Figure,
    FinetuneEvent,
    PausedEvent,
    PlanEvent,
    ResumedEvent,
    Scores,
    StageEvent,
    StepEvent,
    ValidationEvent,
    parse_event,
    to_record,
)
from forensic_gui.services.finetune.request import FinetuneRequest
from forensic_gui.services.finetune.run import Ports, finetune
from forensic_gui.services.finetune.scoring import WORST_FALL, forgetting
from forensic_gui.services.installed_weights import installed_weights
from forensic_gui.services.ports import LocalizerInfo, Views
from forensic_gui.services.progress import CancelToken
from forensic_gui.services.sample_case import load_sample_case

RECIPE = {"steps": 2, "batch_size": 2, "validate_every": 2, "warmup_steps": 1, "precision": "float32"}


class PillowDecoder:
    """Decodes in this process; one file may be damaged."""

    def __init__(self) -> None:
        self.damaged = ""

    def decode(self, path, *, page=0, max_side_px=None, cancel=None):
        if path.name == self.damaged:
            raise EvidenceDamaged(f"{path} is damaged.")
        pixels = np.asarray(Image.open(path).convert("RGB"))
        facts = DecodeFacts(
            format="PNG",
            decoder="Fake",
            decoder_version="1",
            stored=Size.of(pixels),
            orientation=Orientation.UPRIGHT,
            mode="RGB",
            bit_depth=8,
        )
        return DecodedEvidence(Evidence(path, "0" * 64, 1, ""), facts, pixels, 0.0, 0.0)

    def close(self) -> None:
        """Nothing to stop."""


class BrightLocalizer:
    """Says that what is bright was manipulated; the network's own arithmetic is tested elsewhere."""

    def __init__(self, weights: str) -> None:
        card = json.loads(Path(weights).with_suffix(".json").read_text())
        self.info = LocalizerInfo(
            weights_id=card["id"],
            weights_sha256=card["sha256"],
            architecture="none",
            threshold=card["threshold"],
            device="cpu",
            runtime="numpy",
            parameters={},
        )

    def localize(self, pixels, *, orientation=Orientation.UPRIGHT, views=Views.FAST, inspect=False, cancel=None):
        grid = np.ascontiguousarray((pixels[..., 0] / 255).astype(np.float32))
        return Localization(heatmap=Heatmap(grid=grid, size=Size.of(pixels)))


@pytest.fixture
def ports() -> Ports:
    return Ports(
        decoder=PillowDecoder(),
        load_localizer=lambda *, weights=None, device="auto": BrightLocalizer(weights),
        weight_folders=(),
        sample_images=lambda: tuple(load_sample_case()),
    )


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("labels")
    rng = np.random.default_rng(0)
    for name in ("Tp", "Gt", "Au"):
        (folder / name).mkdir()
    for number in range(8):
        image = rng.integers(40, 90, (96, 128, 3), dtype=np.uint8)
        mask = np.zeros((96, 128), np.uint8)
        mask[20:60, 30:90] = 255
        image[mask > 0] += 120
        Image.fromarray(image).save(folder / "Tp" / f"t{number}.png")
        Image.fromarray(mask).save(folder / "Gt" / f"t{number}.png")
    for number in range(4):
        Image.fromarray(rng.integers(40, 90, (96, 128, 3), dtype=np.uint8)).save(folder / "Au" / f"u{number}.png")
    return folder


@pytest.fixture
def request_(dataset: Path, untrained_weights: Path) -> FinetuneRequest:
    return FinetuneRequest(
        source=dataset,
        output="mine",
        weights=str(untrained_weights),
        recipe=RECIPE,
        held_out=0.3,
        validation=0.2,
        device="cpu",
        threads=1,
        composites=4,
    )


@pytest.fixture
def place(tmp_path: Path) -> Destination:
    return destination("mine", installed=tmp_path / "weights", shipped=tmp_path / "shipped")


def scores(f1: float = 0.2, auc: float = 0.7) -> Scores:
    figure = Figure(f1, f1 - 0.01, f1 + 0.01)
    return Scores(3, 2, 0.25, figure, figure, f1, 0.3, Figure(auc, 0.6, 0.8), Figure(None))


def test_new_weights_come_with_a_card_that_says_what_changed(
    request_: FinetuneRequest, place: Destination, ports: Ports
) -> None:
    told: list[FinetuneEvent] = []

    done = finetune(request_, destination=place, ports=ports, tell=told.append)

    assert told[-1] == done
    assert isinstance(told[1], PlanEvent)
    card = json.loads(place.path.with_suffix(".json").read_text())
    (listed,) = engine.list_weights(folders=[place.path.parent])
    engine.verify_weights(listed)
    assert card["id"] == "mine" == done.weights_id
    assert card["sha256"] == done.sha256 == listed.card.sha256
    assert card["parent"] == told[1].parent_sha256
    assert card["recipe"]["data"]["manifest_sha256"] == told[1].manifest_sha256
    assert card["threshold"] == done.threshold == done.after.threshold
    assert "validation" in card["threshold_origin"]
    assert done.before.threshold == 0.5, "the parent is scored at its own threshold"
    assert done.after.f1_at_threshold.value == pytest.approx(1.0), "chosen on other images, it fits these"
    assert done.after.manipulated == told[1].parts["held_out"]["manipulated"] > 0
    held_out = f"{request_.source.name}, held out"
    assert card["scores"][held_out]["threshold"] == done.threshold
    assert card["scores"][f"{held_out}, before fine-tuning"]["localizer"] == "untrained"
    assert done.thorough is not None
    assert done.thorough.after.threshold == card["view_thresholds"]["thorough"]
    assert card["scores"][f"{held_out}, thorough view"]["threshold"] == done.thorough.after.threshold
    assert done.retention.before.manipulated > 0
    assert any("of the same collection" in limit for limit in card["limits"])
    assert not place.work.exists()


def test_every_event_survives_the_pipe() -> None:
    comparison = Comparison("composites", scores(), scores(0.1))
    events: list[FinetuneEvent] = [
        PlanEvent("a", "00", "11", {"training": {"manipulated": 3, "untouched": 1}}, 100, 8, "head", 0),
        StageEvent("training"),
        StepEvent(1, 2, 0.5, 1e-3, 11.0),
        ValidationEvent(0, 0.5, 0.2, 0.7, best=True),
        PausedEvent(),
        ResumedEvent(),
        DoneEvent(
            "a", "a.safetensors", "22", 0.3, scores(), scores(), comparison, comparison, 2, 2, True, ("Less.",), ()
        ),
        FailedEvent("Too few images."),
    ]

    for event in events:
        assert parse_event(json.dumps(to_record(event))) == event
    done = events[-2]
    assert isinstance(done, DoneEvent)
    assert parse_event(json.dumps(to_record(replace(done, retained=None)))) == replace(done, retained=None)
    both = replace(done, thorough=comparison)
    assert parse_event(json.dumps(to_record(both))) == both


def test_the_list_of_weights_says_which_others_they_come_from(
    request_: FinetuneRequest, place: Destination, ports: Ports, untrained_weights: Path
) -> None:
    finetune(request_, destination=place, ports=ports)

    alone = installed_weights(folders=[place.path.parent], verify=True)
    both = installed_weights(folders=[place.path.parent, untrained_weights.parent], verify=True)

    sha256 = json.loads(untrained_weights.with_suffix(".json").read_text())["sha256"]
    told = {one.id: one for one in both}
    assert (alone[0].parent_sha256, alone[0].parent_id) == (sha256, "")  # type: ignore[union-attr]
    assert (told["mine"].parent_sha256, told["mine"].parent_id) == (sha256, "untrained")  # type: ignore[union-attr]
    assert told["untrained"].parent_sha256 == ""  # type: ignore[union-attr]


@pytest.mark.parametrize("line", ["", "no json", "3", "{}", '{"event": "walk"}', '{"event": "stage", "step": 1}'])
def test_a_line_that_is_no_event_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="no event of a fine-tuning"):
        parse_event(line)


def test_lines_pause_resume_and_cancel_and_the_end_of_lines_cancels() -> None:
    told: list[FinetuneEvent] = []
    token = CancelToken()
    control = RunControl(token, tell=told.append)
    states = []

    def lines():
        for line in ("pause\n", "nonsense\n", "resume\n"):
            yield line
            states.append((control.should_pause(), control.should_stop()))

    obey(lines(), control)

    assert states == [(True, False), (True, False), (False, False)]
    assert token.is_cancelled


def test_a_paused_run_waits_until_it_is_told_to_go_on() -> None:
    told: list[FinetuneEvent] = []
    control = RunControl(CancelToken(), tell=told.append)
    control.pause()
    waiting = threading.Thread(target=control.wait_while_paused)
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive()
    control.resume()
    waiting.join(5)
    assert not waiting.is_alive()
    assert told == [PausedEvent(), ResumedEvent()]


def test_a_paused_run_can_be_stopped() -> None:
    told: list[FinetuneEvent] = []
    control = RunControl(CancelToken(), tell=told.append)
    control.pause()
    control.cancel()
    control.wait_while_paused()
    assert control.should_stop()
    assert told == [PausedEvent()]


def test_a_stopped_run_leaves_a_checkpoint_and_goes_on_to_the_same_weights(
    request_: FinetuneRequest, place: Destination, ports: Ports, tmp_path: Path
) -> None:
    elsewhere = destination("mine", installed=tmp_path / "other", shipped=tmp_path / "shipped")
    whole = finetune(request_, destination=elsewhere, ports=ports)
    token = CancelToken()

    def stop_at_first_validation(event: FinetuneEvent) -> None:
        if isinstance(event, ValidationEvent):
            token.cancel()

    with pytest.raises(Cancelled):
        finetune(request_, destination=place, ports=ports, tell=stop_at_first_validation, cancel=token)
    assert place.checkpoint.is_file()
    assert not place.path.exists()
    with pytest.raises(RequestError, match="unfinished fine-tuning"):
        finetune(request_, destination=place, ports=ports)

    rest = finetune(replace(request_, resume=True), destination=place, ports=ports)

    assert rest.sha256 == whole.sha256
    assert not place.work.exists()


def test_stopping_while_scores_are_taken_leaves_no_weights(
    request_: FinetuneRequest, place: Destination, ports: Ports
) -> None:
    token = CancelToken()

    def stop_when_scoring(event: FinetuneEvent) -> None:
        if isinstance(event, StageEvent) and event.stage.startswith("scoring"):
            token.cancel()

    with pytest.raises(Cancelled):
        finetune(request_, destination=place, ports=ports, tell=stop_when_scoring, cancel=token)

    assert not list(place.path.parent.glob("*.safetensors"))
    assert finetune(replace(request_, resume=True), destination=place, ports=ports).steps_done == 2


def test_existing_weights_are_not_written_over_without_saying(
    request_: FinetuneRequest, place: Destination, ports: Ports
) -> None:
    place.path.parent.mkdir(parents=True)
    place.path.write_bytes(b"the user's")

    with pytest.raises(RequestError, match=r"weights at .* already"):
        finetune(request_, destination=place, ports=ports)
    assert place.path.read_bytes() == b"the user's"

    done = finetune(replace(request_, replace=True), destination=place, ports=ports)
    assert json.loads(place.path.with_suffix(".json").read_text())["sha256"] == done.sha256


def test_resuming_nothing_is_refused(request_: FinetuneRequest, place: Destination, ports: Ports) -> None:
    with pytest.raises(RequestError, match="no unfinished fine-tuning"):
        finetune(replace(request_, resume=True), destination=place, ports=ports)


@pytest.mark.parametrize("name", ["Mine", "a/b", "../a", "", ".hidden", "a b", "folder/Mine.safetensors"])
def test_a_name_that_is_no_id_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="can be no id"):
        destination(name, installed=tmp_path, shipped=tmp_path / "shipped")


def test_weights_that_ship_are_never_written_over(tmp_path: Path) -> None:
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "student.safetensors").touch()

    for name in ("student", str(shipped / "new.safetensors"), str(tmp_path / "student.safetensors")):
        with pytest.raises(RequestError, match="ship with"):
            destination(name, installed=tmp_path, shipped=shipped)


def test_an_image_that_cannot_be_read_is_named_and_left_out(
    request_: FinetuneRequest, place: Destination, ports: Ports
) -> None:
    for number in range(8):  # whichever part it is in
        ports.decoder.damaged = f"t{number}.png"  # type: ignore[attr-defined]

        done = finetune(replace(request_, replace=True), destination=place, ports=ports)

        (sentence,) = done.unreadable
        assert f"t{number}.png is damaged" in sentence


def test_too_few_images_are_refused_before_anything_is_made(
    request_: FinetuneRequest, place: Destination, ports: Ports, tmp_path: Path
) -> None:
    for name in ("Tp", "Gt"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "t0.png").write_bytes((request_.source / name / "t0.png").read_bytes())

    with pytest.raises(RequestError, match="at least 8 images with a mask"):
        finetune(replace(request_, source=tmp_path), destination=place, ports=ports)
    assert not place.work.exists()


def test_a_number_that_cannot_be_used_is_named(request_: FinetuneRequest, place: Destination, ports: Ports) -> None:
    with pytest.raises(RequestError, match="learning_rate"):
        finetune(replace(request_, recipe={"learning_rate": -1.0}), destination=place, ports=ports)


def test_forgetting_is_told_from_the_stated_fall_on() -> None:
    same = Comparison("composites", scores(), scores())
    less = Comparison("composites", scores(), scores(f1=0.2 - WORST_FALL - 0.01))
    lower = Comparison("composites", scores(), scores(auc=0.7 - WORST_FALL - 0.01))
    little = Comparison("composites", scores(), scores(auc=0.7 - WORST_FALL + 0.005))

    assert forgetting(same) is None
    assert forgetting(little) is None
    assert "F1 at the best threshold from 0.200 to 0.170" in (forgetting(less) or "")
    assert "AUC from 0.700 to 0.670" in (forgetting(lower) or "")


def test_the_sets_named_for_it_are_scored_before_and_after(
    request_: FinetuneRequest, place: Destination, ports: Ports
) -> None:
    done = finetune(replace(request_, retain=request_.source), destination=place, ports=ports)

    assert done.retained is not None
    assert done.retained.before.manipulated == done.retained.after.manipulated == 8
    learned = 12 - done.after.manipulated - done.after.untouched
    assert any(f"{learned} images of" in warning and "say little" in warning for warning in done.warnings)
