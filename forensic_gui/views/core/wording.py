"""Short texts of the window, as functions of what they tell."""

from __future__ import annotations

from forensic_gui.domain.annotation import Conclusion
from forensic_gui.domain.errors import ForensicError
from forensic_gui.domain.shares import percent_text
from forensic_gui.views.core.items import (
    Analyzed,
    Analyzing,
    CaseEntry,
    CouldNot,
    Item,
    ItemState,
    NotAnalyzed,
    Waiting,
)

# Spaces that are no letters to Python, and do no harm.
_NARROW_SPACES = frozenset("\u00a0\u202f")
_BIDIRECTIONAL = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")

_KEPT = "This is the newest finding in the case; other weights or views may have made it than those chosen now."


def share_text(share: float) -> str:
    """A share in [0, 1] as a percentage that never rounds something to nothing or to all."""
    return percent_text(share)


def score_text(score: float) -> str:
    """A model score with three decimals, all of one width."""
    return f"{score:.3f}"


def state_text(state: ItemState) -> str:
    """What the list says under a name."""
    match state:
        case NotAnalyzed():
            return "Not analyzed"
        case Waiting():
            return "Waiting"
        case Analyzing():
            return "Analyzing…"
        case Analyzed():
            return f"{share_text(state.share_over_threshold)} over {state.threshold:g}"
        case CouldNot():
            return "Could not be read"


def state_explained(state: ItemState) -> str:
    """The same in a sentence."""
    match state:
        case NotAnalyzed():
            return "It has not been analyzed."
        case Waiting():
            return "It waits for its analysis."
        case Analyzing():
            return "It is being analyzed."
        case Analyzed():
            said = (
                f"{share_text(state.share_over_threshold)} of its pixels have a model score over {state.threshold:g}; "
                f"the highest model score is {score_text(state.highest_score)}."
            )
            return f"{said} {_KEPT}" if state.is_kept else said
        case CouldNot():
            return state.reason


def original_text(entry: CaseEntry) -> str:
    """What is wrong with an original, in two words."""
    return "Original missing" if entry.is_missing else "Original altered"


def marks_of(item: Item) -> list[str]:
    """What a row of the list says of an item, mark by mark, in words."""
    entry = item.entry
    if entry is None:
        return [state_text(item.state)]
    marks = [original_text(entry) if entry.altered else state_text(item.state)]
    if entry.regions:
        marks.append("1 region" if entry.regions == 1 else f"{entry.regions} regions")
    if entry.conclusion is Conclusion.NO_MANIPULATION_FOUND:
        marks.append("no manipulation found")
    if entry.group:
        marks.append(f"group {entry.group}")
    return marks + [f"tag {tag}" for tag in entry.tags]


def told_of(item: Item) -> list[str]:
    """The same in sentences."""
    entry = item.entry
    if entry is None:
        return [state_explained(item.state)]
    told = [entry.altered or state_explained(item.state)]
    if entry.regions:
        told.append(f"{'1 region is' if entry.regions == 1 else f'{entry.regions} regions are'} drawn.")
    if entry.conclusion is Conclusion.NO_MANIPULATION_FOUND:
        told.append("It is marked as «no manipulation found».")
    if entry.group:
        told.append(f"Group: {entry.group}")
    if entry.tags:
        told.append(f"Tags: {', '.join(entry.tags)}")
    return told


def bytes_text(size: int) -> str:
    """A number of bytes for people, and exactly."""
    if size < 1000:
        return "1 byte" if size == 1 else f"{size} bytes"
    value, unit = (size / 1e6, "MB") if size >= 1e6 else (size / 1e3, "kB")
    return f"{value:.1f} {unit} ({number(size)} bytes)"


def seconds_text(seconds: float) -> str:
    """A duration measured."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60):02d} s"


def images(count: int) -> str:
    """A number of images."""
    return f"{count} image" if count == 1 else f"{number(count)} images"


def number(count: int) -> str:
    """A whole number, its thousands apart."""
    return f"{count:,}".replace(",", "\u202f")


def shown_plainly(text: str) -> str:
    """A name as one harmless line: control characters and marks that turn the writing round shown as escapes."""
    return "".join(
        character
        if character in _NARROW_SPACES or (character.isprintable() and character not in _BIDIRECTIONAL)
        else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in text
    )


def sentence(error: ForensicError) -> str:
    """What a failure says, as one harmless line that ends with a full stop."""
    text = shown_plainly(str(error)).strip() or f"It failed ({type(error).__name__})."
    return text if text[-1] in ".!?)" else f"{text}."
