"""What the tests of labels make and read."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from forensic_gui.domain.annotation import Annotation, Conclusion, Confidence, Kind, Region, RegionDetails
from forensic_gui.domain.edits import AddRegion, SetConclusion
from forensic_gui.domain.errors import EvidenceDamaged
from forensic_gui.domain.evidence import DecodedEvidence, DecodeFacts, Evidence
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.labels import LabelledImage, LabelSet
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.prompt import NO_PROMPTS, Prompts
from forensic_gui.services.case import CaseSession
from forensic_gui.services.labels.contract import ExportLabelsRequest, LabelsReport
from forensic_gui.services.labels.exporting import write_label_set
from forensic_gui.services.progress import CancelToken

SIZE = Size(13, 9)
TIME = "2026-03-01T10:00:00+00:00"


class PlainDecoder:
    """Decodes with Pillow in this process, stored orientation; facts as the decoder of record has them."""

    def decode(
        self, path: Path, *, page: int = 0, max_side_px: int | None = None, cancel: CancelToken | None = None
    ) -> DecodedEvidence:
        data = path.read_bytes()
        try:
            with Image.open(path) as image:
                orientation = Orientation(image.getexif().get(0x0112, 1))
                pixels = np.asarray(image.convert("RGB"))
                facts = DecodeFacts(image.format or "", "Pillow", "1", Size.of(pixels), orientation, image.mode, 8)
        except OSError as error:
            raise EvidenceDamaged(f"{path.name} is damaged.") from error
        evidence = Evidence(path, hashlib.sha256(data).hexdigest(), len(data), TIME)
        return DecodedEvidence(evidence, facts, pixels, 0.0, 0.0)

    def close(self) -> None:
        """Nothing runs."""


def photograph(path: Path, *, size: Size = SIZE, seed: int = 0, **options: Any) -> Path:
    """An image file of noise that no two seeds share."""
    pixels = np.random.default_rng(seed).integers(0, 256, (*size.shape, 3), np.uint8)
    Image.fromarray(pixels).save(path, **options)
    return path


def with_hole(size: Size = SIZE) -> Mask:
    """A frame around a hole, and a single pixel apart from it."""
    inside = np.zeros(size.shape, dtype=np.bool_)
    inside[1:6, 2:8] = True
    inside[3:5, 4:6] = False
    inside[-1, -1] = True
    return Mask.of(inside)


def region(
    mask: Mask,
    kind: Kind = Kind.SPLICE,
    *,
    source: Mask | None = None,
    confidence: Confidence = Confidence.HIGH,
    note: str = "",
    prompts: Prompts = NO_PROMPTS,
) -> Region:
    details = RegionDetails("Ada", TIME, kind, confidence, note, prompts=prompts)
    return Region(uuid.uuid4().hex, mask, details, source)


def draw(case: CaseSession, item_id: int, *regions: Region, size: Size = SIZE) -> None:
    """Put regions on an item, as the window does."""
    if case.item(item_id).size is None:
        case.note_decoded(item_id, DecodeFacts("PNG", "Pillow", "1", size, Orientation.UPRIGHT, "RGB", 8))
    for index, each in enumerate(regions, start=len(case.annotation(item_id).annotation.regions)):
        case.commit(item_id, AddRegion(each, index), label="Brush")


def mark(case: CaseSession, item_id: int, *, size: Size = SIZE) -> None:
    """Mark an item as one without manipulation."""
    draw(case, item_id, size=size)
    case.commit(item_id, SetConclusion(Conclusion.OPEN, Conclusion.NO_MANIPULATION_FOUND), label="Mark")


def label_set(folder: Path, *annotations: Sequence[Region] | None) -> tuple[LabelSet, dict[int, Path]]:
    """Labels of as many new photographs as there are annotations, None for one marked as without manipulation."""
    images, files = [], {}
    for number, regions in enumerate(annotations, start=1):
        size = regions[0].mask.size if regions else SIZE
        files[number] = photograph(folder / f"photo {number}.png", size=size, seed=number)
        conclusion = Conclusion.OPEN if regions else Conclusion.NO_MANIPULATION_FOUND
        annotation = Annotation(size, tuple(regions or ()), conclusion)
        sha256 = hashlib.sha256(files[number].read_bytes()).hexdigest()
        images.append(LabelledImage(number, files[number].name, sha256, annotation))
    return LabelSet("case id", "Harbour", tuple(images)), files


def write(request: ExportLabelsRequest, labels: LabelSet, files: dict[int, Path]) -> LabelsReport:
    """Export without a case."""
    report, _ = write_label_set(
        request,
        labels,
        refusals={},
        author="Ada",
        original=lambda item_id: files[item_id],
        decoder=PlainDecoder(),
        sources_of_name=lambda _: frozenset(),
        cancel=CancelToken(),
    )
    return report


def grey(path: Path) -> NDArray[np.uint8]:
    """A single-channel 8-bit image as an array."""
    with Image.open(path) as image:
        assert image.mode == "L"
        return np.asarray(image)


@st.composite
def masks(draw_value: st.DrawFn, size: Size | None = None) -> Mask:
    """Masks with holes and parts on odd sizes, never empty."""
    chosen = size or Size(draw_value(st.integers(1, 24)), draw_value(st.integers(1, 24)))
    coarse = draw_value(st.sampled_from([1, 2, 3]))
    seed, share = draw_value(st.integers(0, 2**32 - 1)), draw_value(st.floats(0.05, 0.95))
    blocks = np.random.default_rng(seed).random((-(-chosen.height // coarse), -(-chosen.width // coarse))) < share
    inside = np.kron(blocks, np.ones((coarse, coarse), dtype=np.bool_)).astype(np.bool_)[
        : chosen.height, : chosen.width
    ]
    inside[-1, 0] = True
    return Mask.of(np.ascontiguousarray(inside))
