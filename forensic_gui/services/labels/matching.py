"""Which item of a case a label file speaks of: by bytes first, by name and size as a last resort, which is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path, PurePath

from forensic_gui.domain.case import CaseItem
from forensic_gui.domain.errors import EvidenceError, LabelsError
from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.services.case.session import CaseSession
from forensic_gui.services.labels.foreign import ForeignImage, regular
from forensic_gui.services.labels.images import FACTS_SIDE_PX
from forensic_gui.services.labels.jsonfile import read_json
from forensic_gui.services.labels.manifest import MANIFEST_NAME, SCHEMA
from forensic_gui.services.labels.staging import sha256_of
from forensic_gui.services.ports import Decoder
from forensic_gui.services.progress import CancelToken

_MAX_EXPORTED = 1_000_000


class How(Enum):
    """By what an item was found."""

    BYTES = auto()  # the labelled image is the original, byte by byte
    EXPORT = auto()  # the manifest of an export says which original the labelled image was made of
    STATED = auto()  # the label file states the hash of the original
    NAME = auto()


@dataclass(frozen=True, slots=True)
class Match:
    """An item, and what of it is known.

    Attributes:
        item: the item.
        how: by what it was found.
        facts: how its pixels are stored.
    """

    item: CaseItem
    how: How
    facts: DecodeFacts


@dataclass(frozen=True, slots=True)
class Frame:
    """In which pixels labels are drawn.

    Attributes:
        size: of the image as the labels' tool showed it.
        orientation: what turns stored pixels into those.
    """

    size: Size
    orientation: Orientation


class Matcher:
    """Finds items of one case."""

    def __init__(
        self, case: CaseSession, *, exported: Mapping[str, str], decoder: Decoder, cancel: CancelToken
    ) -> None:
        """Index the case's items.

        Args:
            case: the case.
            exported: hash of the original by hash of the exported image.
            decoder: the decoder of record.
            cancel: looked at while files are read.
        """
        items = case.items()
        self._case = case
        self._exported = exported
        self._decoder = decoder
        self._cancel = cancel
        self._by_hash = {item.sha256: item for item in items}
        self._by_name = _grouped(items, lambda name: name)
        self._by_stem = _grouped(items, lambda name: PurePath(name).stem)

    def match(self, image: ForeignImage) -> Match:
        """The item that an image of a label file is.

        Raises:
            LabelsError: none is, or several may be.
            EvidenceError: the item cannot be read.
            Cancelled: stopping was asked for.
        """
        measured = self._measure(image)
        keys = (
            (How.BYTES, measured),
            (How.EXPORT, self._exported.get(measured, "")),
            (How.STATED, image.stated_sha256),
        )
        for how, sha256 in keys:
            item = self._by_hash.get(sha256)
            if item is not None:
                return Match(item, how, self._facts(item))
        return self._by_name_and_size(image)

    def _measure(self, image: ForeignImage) -> str:
        if image.file is None:
            return image.embedded_sha256
        try:
            return sha256_of(image.file, cancel=self._cancel)
        except OSError as error:
            raise LabelsError(f"{image.file} cannot be read ({error.strerror}).") from error

    def _by_name_and_size(self, image: ForeignImage) -> Match:
        named = self._by_name.get(image.name.casefold()) or self._by_stem.get(PurePath(image.name).stem.casefold(), ())
        size = image.size if not named else self._stated_size(image)
        fitting = [
            match
            for match in (Match(item, How.NAME, self._facts(item)) for item in named)
            if size in {match.facts.stored, match.facts.view}
        ]
        if len(fitting) > 1:
            raise LabelsError(
                f"{image.name} may be any of {len(fitting)} items of the case; put the image itself beside its labels."
            )
        if not fitting:
            raise LabelsError(f"{image.name} is no item of the case, by its bytes or by name and size; add it first.")
        return fitting[0]

    def _stated_size(self, image: ForeignImage) -> Size | None:
        if image.size is not None or image.file is None:
            return image.size
        try:
            return self._decoder.decode(image.file, max_side_px=FACTS_SIDE_PX, cancel=self._cancel).facts.stored
        except EvidenceError as error:
            raise LabelsError(
                f"{image.name} is no item of the case by its bytes, and cannot be read: {error}"
            ) from error

    def _facts(self, item: CaseItem) -> DecodeFacts:
        decoded = self._decoder.decode(self._case.original(item.id), max_side_px=FACTS_SIDE_PX, cancel=self._cancel)
        self._case.confirm(item.id, decoded.evidence.sha256)
        if item.size is None:
            self._case.note_decoded(item.id, decoded.facts)
        return decoded.facts


def frame_of(image: ForeignImage, match: Match) -> Frame:
    """In which pixels the labels of an image are drawn: as stored, or turned upright by the tool that wrote them.

    Raises:
        LabelsError: they are of another size than the image.
    """
    stored, view, orientation = match.facts.stored, match.facts.view, match.facts.orientation
    if image.size is not None and image.size not in {stored, view}:
        raise LabelsError(
            f"{image.name}: its labels are of {image.size.width}x{image.size.height} pixels, the item has "
            f"{stored.width}x{stored.height}."
        )
    # Where the size does not tell: what we exported carries no orientation tag, so that no tool turned it.
    shown_upright = image.turned and match.how in {How.BYTES, How.NAME}
    turned = shown_upright if stored == view else image.size == view
    return Frame(view, orientation) if turned else Frame(stored, Orientation.UPRIGHT)


def read_exported(path: Path) -> Mapping[str, str]:
    """Hash of the original by hash of the exported image, from the manifest of an export that holds `path`; else none.

    Raises:
        LabelsError: the manifest is damaged.
    """
    for folder in (path, path.parent, path.parent.parent):
        manifest = regular(folder / MANIFEST_NAME)
        if manifest is None:
            continue
        top, _ = read_json(manifest)
        schema = top.get("schema")
        if schema is None or schema.value != SCHEMA:
            continue
        images = top["images"].items(most=_MAX_EXPORTED)
        return {image["image"]["sha256"].text(): image["evidence_sha256"].text() for image in images}
    return {}


def _grouped(items: Sequence[CaseItem], key: Callable[[str], str]) -> Mapping[str, Sequence[CaseItem]]:
    groups: dict[str, list[CaseItem]] = {}
    for item in items:
        groups.setdefault(key(item.name).casefold(), []).append(item)
    return groups
