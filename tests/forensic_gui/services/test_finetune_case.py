"""Fine-tuning on a case: its regions become a dataset, turned upright, groups stay whole, the case is only read."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from boxprompt.data.labels import read_labels
from boxprompt.data.layouts import open_dataset
from forensic_gui.domain.annotation import Conclusion, Confidence, Kind, Region, RegionDetails
from forensic_gui.domain.edits import AddRegion, SetConclusion
from forensic_gui.domain.errors import RequestError
from forensic_gui.domain.evidence import DecodedEvidence, DecodeFacts, Evidence
from forensic_gui.domain.geometry import Orientation, Point, Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.prompt import Prompts, Scribble
from forensic_gui.services import engine
from forensic_gui.services.case import CaseSession
from forensic_gui.services.finetune.case_labels import labels_of_case
from forensic_gui.services.finetune.destination import destination
from forensic_gui.services.finetune.events import FinetuneEvent, PlanEvent
from forensic_gui.services.finetune.request import FinetuneRequest
from forensic_gui.services.finetune.run import Ports, finetune
from forensic_gui.services.progress import CancelToken
from forensic_gui.services.sample_case import load_sample_case

SIZE = Size(128, 96)


class PillowDecoder:
    """Decodes in this process, stored pixels, orientation as a fact."""

    def decode(self, path, *, page=0, max_side_px=None, cancel=None):
        data = path.read_bytes()
        with Image.open(path) as image:
            orientation = Orientation(image.getexif().get(0x0112, 1))
            pixels = np.asarray(image.convert("RGB"))
            facts = DecodeFacts(image.format or "", "Pillow", "1", Size.of(pixels), orientation, image.mode, 8)
        return DecodedEvidence(Evidence(path, hashlib.sha256(data).hexdigest(), len(data), ""), facts, pixels, 0.0, 0.0)

    def close(self) -> None:
        """Nothing runs."""


def inside() -> np.ndarray:
    mask = np.zeros(SIZE.shape, dtype=bool)
    mask[20:60, 30:70] = True
    return mask


STROKES = Prompts(
    scribbles=(
        Scribble((Point(35, 30), Point(65, 30)), width_px=6),
        Scribble((Point(100, 5), Point(100, 90)), width_px=4, positive=False),
    )
)


def make_case(folder: Path, *, manipulated: int, scribbled: tuple[int, ...] = ()) -> Path:
    """A case with so many images that have a region, the first stored turned, and two marked as untouched."""
    rng = np.random.default_rng(0)
    photographs = folder / "photographs"
    photographs.mkdir()
    for number in range(manipulated + 2):
        pixels = rng.integers(40, 90, (*SIZE.shape, 3), dtype=np.uint8)
        if number < manipulated:
            pixels[inside()] += 120
        exif = Image.Exif()
        exif[0x0112] = 6 if number == 0 else 1
        Image.fromarray(pixels).save(photographs / f"p{number}.png", exif=exif)
    with CaseSession.create(folder / "Harbour", author="Ada") as case:
        case.add([photographs])
        for item in case.items():
            case.note_decoded(item.id, DecodeFacts("PNG", "Pillow", "1", SIZE, Orientation.UPRIGHT, "RGB", 8))
            if int(item.name[1:-4]) >= manipulated:
                edit = SetConclusion(Conclusion.OPEN, Conclusion.NO_MANIPULATION_FOUND)
                case.commit(item.id, edit, label="Mark")
                continue
            prompts = STROKES if int(item.name[1:-4]) in scribbled else Prompts()
            details = RegionDetails("Ada", "2026-03-01T10:00:00+00:00", Kind.SPLICE, Confidence.HIGH, prompts=prompts)
            region = Region(uuid.uuid4().hex, Mask.of(inside()), details, None)
            case.commit(item.id, AddRegion(region, 0), label="Brush")
        case.set_group([item.id for item in case.items() if item.name in {"p1.png", "p2.png"}], "one scene")
        return case.folder


def test_a_cases_regions_become_a_dataset_turned_upright_with_their_masks(tmp_path: Path) -> None:
    case = make_case(tmp_path, manipulated=3)

    labelled = labels_of_case(case, tmp_path / "labels", decoder=PillowDecoder(), cancel=CancelToken())

    images = {known.image.stem: known for known in engine.known_images(labelled.folder)}
    assert sum(not known.is_untouched for known in images.values()) == 3
    assert sum(known.is_untouched for known in images.values()) == 2
    for stem, known in images.items():
        pixels = np.asarray(Image.open(known.image).convert("RGB"))
        assert pixels.shape[:2] == (SIZE.shape[::-1] if stem.startswith("p0") else SIZE.shape)
        if not known.is_untouched:
            assert np.array_equal(engine.read_known_mask(known), pixels[..., 0] > 120)
    assert sorted(labelled.groups.values()) == ["one scene", "one scene"]
    assert labelled.name == "Harbour.case"


def test_scribbles_of_a_case_are_labels_of_some_pixels_where_that_is_asked_for(tmp_path: Path) -> None:
    case = make_case(tmp_path, manipulated=3, scribbled=(0, 1))

    asked = labels_of_case(case, tmp_path / "asked", decoder=PillowDecoder(), cancel=CancelToken(), scribbles=True)
    unasked = labels_of_case(case, tmp_path / "unasked", decoder=PillowDecoder(), cancel=CancelToken())

    assert all(item.is_complete for item in open_dataset(unasked.folder).items)
    items = {item.name[:2]: item for item in open_dataset(asked.folder).manipulated}
    assert [items[name].is_complete for name in ("p0", "p1", "p2")] == [False, False, True]
    upright = read_labels(items["p1"])
    assert upright.shape == SIZE.shape
    assert np.array_equal(np.unique(upright), [0, 1, 255])
    assert (upright[28:32, 36:64] == 1).all() and (upright[10:80, 99:101] == 0).all()
    assert not (upright == 1)[~inside()].any() and not (upright == 0)[inside()].any()
    turned = read_labels(items["p0"])
    assert np.array_equal(turned, np.rot90(upright, k=-1)), "turned upright with its image"


def test_scribbles_are_asked_of_a_case_alone(tmp_path: Path) -> None:
    request = FinetuneRequest(source=tmp_path, output="mine", scribbles=True)
    ports = Ports(PillowDecoder(), load_localizer=None, weight_folders=(), sample_images=tuple)  # type: ignore[arg-type]

    with pytest.raises(RequestError, match="is no case: a dataset has its scribbles in a folder Pt"):
        finetune(
            request, destination=destination("mine", installed=tmp_path, shipped=tmp_path / "shipped"), ports=ports
        )


def test_a_case_can_be_fine_tuned_on_and_is_not_changed(tmp_path: Path, untrained_weights: Path) -> None:
    case = make_case(tmp_path, manipulated=9)
    vault = {path: path.read_bytes() for path in case.rglob("*") if path.is_file() and "vault" in path.parts}
    told: list[FinetuneEvent] = []
    decoder = PillowDecoder()

    done = finetune(
        FinetuneRequest(
            source=case,
            output="mine",
            weights=str(untrained_weights),
            recipe={"steps": 1, "batch_size": 1, "validate_every": 1, "warmup_steps": 0, "precision": "float32"},
            held_out=0.25,
            validation=0.25,
            device="cpu",
            threads=1,
            composites=4,
        ),
        destination=destination("mine", installed=tmp_path / "weights", shipped=tmp_path / "shipped"),
        ports=Ports(
            decoder=decoder,
            load_localizer=lambda *, weights=None, device="auto": engine.load_localizer(
                folders=(), weights=weights, device="cpu", runtime="torch"
            ),
            weight_folders=(),
            sample_images=lambda: tuple(load_sample_case()),
        ),
        tell=told.append,
    )

    (planned,) = [event for event in told if isinstance(event, PlanEvent)]
    assert sum(part["manipulated"] for part in planned.parts.values()) == 9
    assert sum(part["untouched"] for part in planned.parts.values()) == 2
    assert done.after.manipulated == planned.parts["held_out"]["manipulated"]
    assert {path: path.read_bytes() for path in vault} == vault
    with CaseSession.open(case, author="Ada", read_only=True) as session:
        assert session.verify(occasion="test") == ()


def test_a_case_without_a_region_is_refused(tmp_path: Path) -> None:
    case = make_case(tmp_path, manipulated=0)

    with pytest.raises(RequestError, match="has a region drawn"):
        labels_of_case(case, tmp_path / "labels", decoder=PillowDecoder(), cancel=CancelToken())


def test_a_case_in_which_nothing_was_said_of_any_image_is_refused_in_words_of_fine_tuning(tmp_path: Path) -> None:
    CaseSession.create(tmp_path / "Empty.case", author="Ada").close()

    with pytest.raises(RequestError, match=r"No image of Empty\.case has a region drawn; draw some before fine-tuning"):
        labels_of_case(tmp_path / "Empty.case", tmp_path / "labels", decoder=PillowDecoder(), cancel=CancelToken())
