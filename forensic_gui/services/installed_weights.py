"""Which weights are installed, and whether they are what their cards say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from forensic_gui.domain.errors import WeightsError
from forensic_gui.services import engine
from forensic_gui.services.calibrating import calibration_texts


@dataclass(frozen=True, slots=True)
class InstalledWeights:
    """Weights as their card describes them.

    Attributes:
        id: name they are chosen by.
        path: the weights file.
        sha256: of the file, as the card states it.
        architecture: network they belong to.
        threshold: model score above which (strictly) a pixel is in the mask, unless the caller chooses.
        threshold_origin: how the threshold was chosen.
        training_data: what they were trained on, with terms.
        licence: of the weights.
        created: ISO date.
        limits: what they were not made for.
        parent_sha256: hash of the weights they were trained on from; "" where they began at random.
        parent_id: id of those, where they are under the folders too; else "".
        is_default: whether they are used where none are named.
        problem: why they cannot be used, a sentence; None where they verify or were not verified.
        view_thresholds: thresholds of views that have one of their own.
        calibration: what each calibrated view's scores were fitted to, a sentence without its full stop, by view.
        domain: size and quality of the images they were trained on; "" where the card does not say.
        starts_tuning: whether a fine-tuning starts from them where none are named.
    """

    id: str
    path: Path
    sha256: str
    architecture: str
    threshold: float
    threshold_origin: str
    training_data: tuple[str, ...]
    licence: str
    created: str
    limits: tuple[str, ...]
    parent_sha256: str
    parent_id: str
    is_default: bool
    problem: str | None = None
    view_thresholds: Mapping[str, float] = field(default_factory=dict)
    calibration: Mapping[str, str] = field(default_factory=dict)
    domain: str = ""
    starts_tuning: bool = False

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {"kind": "localizer", **asdict(self), "path": str(self.path)}


@dataclass(frozen=True, slots=True)
class UnusableWeights:
    """A weights file whose card cannot be understood.

    Attributes:
        id: name the file would be chosen by.
        path: the weights file.
        problem: why it cannot be used, a sentence.
    """

    id: str
    path: Path
    problem: str

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {"kind": "localizer", **asdict(self), "path": str(self.path)}


def installed_weights(*, folders: Sequence[Path], verify: bool) -> tuple[InstalledWeights | UnusableWeights, ...]:
    """Weights under the folders, in the order in which they would be found.

    Args:
        folders: where weights lie.
        verify: also hash every file and compare it with its card.
    """
    listed = engine.list_weights(folders=folders)
    ids = {found.card.sha256: found.card.id for found in listed if not isinstance(found, engine.BrokenWeights)}
    return tuple(
        UnusableWeights(found.path.stem, found.path, found.problem)
        if isinstance(found, engine.BrokenWeights)
        else _describe(found, ids=ids, verify=verify)
        for found in listed
    )


def _describe(found: Any, *, ids: Mapping[str, str], verify: bool) -> InstalledWeights:
    card = found.card
    return InstalledWeights(
        id=card.id,
        path=found.path,
        sha256=card.sha256,
        architecture=card.architecture,
        threshold=card.threshold,
        threshold_origin=card.threshold_origin,
        training_data=tuple(f"{source.name} ({source.images} images; {source.terms})" for source in card.training_data),
        licence=card.licence,
        created=card.created,
        limits=card.limits,
        parent_sha256=card.parent or "",
        parent_id=ids.get(card.parent, ""),
        is_default=card.id == engine.DEFAULT_WEIGHTS,
        problem=_problem(found) if verify else None,
        view_thresholds=dict(card.view_thresholds),
        calibration=calibration_texts(card),
        domain="" if card.domain is None else _domain(card.domain),
        starts_tuning=card.id == engine.STUDENT_WEIGHTS,
    )


def _domain(domain: Any) -> str:
    low, high = domain.short_side_px
    sizes = f"shorter side {low} to {high} px"
    if domain.jpeg_quality is None:
        return sizes
    return f"{sizes}, JPEG quality {domain.jpeg_quality[0]} to {domain.jpeg_quality[1]}"


def _problem(found: Any) -> str | None:
    try:
        engine.verify_weights(found)
    except WeightsError as error:
        return str(error)
    return None
