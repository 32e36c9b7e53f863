"""What is known of the evidence on the canvas, as sections of labelled plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from forensic_gui.domain.calibration import Calibration
from forensic_gui.domain.errors import EvidenceError, ForensicError
from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.domain.geometry import Orientation
from forensic_gui.services.examination import Examination
from forensic_gui.views.core.wording import (
    bytes_text,
    number,
    score_text,
    seconds_text,
    sentence,
    share_text,
    shown_plainly,
)

ORIENTATION_TEXT = {
    Orientation.UPRIGHT: "upright as stored",
    Orientation.MIRRORED: "mirrored for the view",
    Orientation.ROTATED_180: "turned by 180° for the view",
    Orientation.FLIPPED: "flipped upside down for the view",
    Orientation.TRANSPOSED: "transposed for the view",
    Orientation.ROTATED_90_CW: "turned by 90° clockwise for the view",
    Orientation.TRANSVERSED: "transversed for the view",
    Orientation.ROTATED_90_CCW: "turned by 90° counter-clockwise for the view",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: a label and a text, plain and of one line each."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """Facts that belong together."""

    title: str
    facts: tuple[Fact, ...]


def evidence_sections(decoded: DecodedEvidence) -> list[Section]:
    """What is known before an analysis: the bytes, and how pixels were made of them."""
    evidence, facts = decoded.evidence, decoded.facts
    size = f"{facts.stored.width} × {facts.stored.height} px, {facts.stored.pixels / 1e6:.1f} megapixels"
    decoding = [
        ("Format", facts.format),
        ("Size", size),
        ("Orientation", f"{ORIENTATION_TEXT[facts.orientation]} (EXIF {int(facts.orientation)})"),
        ("Colour", f"{facts.mode}, {facts.bit_depth} bits a sample"),
        *([("JPEG quality", f"about {facts.jpeg_quality}")] if facts.jpeg_quality else []),
        *([("Page", f"{facts.page + 1} of {facts.pages}")] if facts.pages > 1 else []),
        ("Decoder", f"{facts.decoder} {facts.decoder_version}"),
        *((name, str(value)) for name, value in sorted(facts.parameters.items())),
        *(("Choice", choice) for choice in facts.choices),
        *(("Warning", warning) for warning in facts.warnings),
        *([] if facts.warnings else [("Warnings", "none")]),
        ("Time", f"{seconds_text(decoded.hash_seconds)} hashing, {seconds_text(decoded.decode_seconds)} decoding"),
    ]
    return [
        _section(
            "Evidence",
            [
                ("Name", evidence.path.name),
                ("Folder", str(evidence.path.parent)),
                ("SHA-256", evidence.sha256),
                ("Bytes", bytes_text(evidence.size_bytes)),
                ("Modified", evidence.modified_utc),
            ],
        ),
        _section("Decoding", decoding),
    ]


def unreadable_sections(path: Path, error: ForensicError) -> list[Section]:
    """What is known of evidence that could not be read: where it lies, its hash where its bytes were read, and why."""
    sha256 = error.sha256 if isinstance(error, EvidenceError) else None
    evidence = [("Name", path.name), ("Folder", str(path.parent)), ("SHA-256", sha256 or "not known")]
    return [_section("Evidence", evidence), _section("Could not be read", [("Reason", sentence(error))])]


def examination_sections(examination: Examination) -> list[Section]:
    """What is known after an analysis: the scores, and everything that made them."""
    scores, localizer, read = examination.scores, examination.localizer, examination.calibration
    return [
        _section(
            "Model scores",
            [
                (f"Over {examination.threshold:g}", f"{share_text(examination.share_over_threshold)} of pixels"),
                ("Highest", _read(scores.maximum, read)),
                ("99th percentile", _read(scores.p99, read)),
                ("95th percentile", _read(scores.p95, read)),
                ("Median", _read(scores.median, read)),
                ("Mean", score_text(scores.mean)),
                ("Lowest", _read(scores.minimum, read)),
                ("Calibration", _calibration_text(read)),
                *(("Remark", remark) for remark in examination.remarks),
            ],
        ),
        _section(
            "Analysis",
            [
                ("Weights", localizer.weights_id),
                ("Weights SHA-256", localizer.weights_sha256),
                ("Network", localizer.architecture),
                ("Device", localizer.device),
                ("Runtime", localizer.runtime),
                ("Views", examination.views.value),
                ("Tiles", str(examination.localization.tiles)),
                ("Threshold", f"{examination.threshold:g} (weights card)"),
                ("Time", ", ".join(_times(examination))),
                *((name.replace("_", " "), str(value)) for name, value in sorted(localizer.parameters.items())),
            ],
        ),
    ]


def as_text(sections: Sequence[Section]) -> str:
    """The sections as plain text to paste elsewhere: a tab between label and text."""
    return "\n\n".join(
        "\n".join([section.title, *(f"{fact.label}\t{fact.text}" for fact in section.facts)]) for section in sections
    )


def _read(score: float, calibration: Calibration | None) -> str:
    """A score, and what it reads calibrated."""
    told = score_text(score)
    return told if calibration is None else f"{told}, calibrated {score_text(calibration.share_of(score))}"


def _calibration_text(calibration: Calibration | None) -> str:
    if calibration is None:
        return "none for this view: a score is no share of anything"
    return (
        f"{calibration.method}, fitted on {number(calibration.images)} images ({calibration.fitted_on}) of "
        f"whose pixels {calibration.prior:.1%} were manipulated; error {calibration.error_before:.3f} before, "
        f"{calibration.error_after:.3f} after, on photographs it was not fitted to"
    )


def _times(examination: Examination) -> Iterator[str]:
    yield f"{seconds_text(examination.seconds)} in all"
    for stage, seconds in examination.localization.stage_seconds.items():
        yield f"{stage} {seconds_text(seconds)}"


def _section(title: str, facts: Sequence[tuple[str, str]]) -> Section:
    return Section(title, tuple(Fact(label, shown_plainly(text)) for label, text in facts))
