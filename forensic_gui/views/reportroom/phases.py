"""How far a job of several phases is, on one bar that never goes back. No Qt."""

from __future__ import annotations

from forensic_gui.services.progress import ProgressEvent
from forensic_gui.views.core.wording import number

_CHECKING = ("checking originals", 0.0, 0.3)
_BY_MESSAGE = {
    "Read for the first time": ("reading items for the first time", 0.0, 0.3),
    "Put into the record": ("putting items into the record", 0.3, 0.6),
    "Written": ("laying out pages", 0.6, 1.0),
}
"""Words of each phase, and between which shares of the whole it runs: phases count unlike things."""
_OTHER = ("", 0.0, 1.0)


class Phases:
    """Follows the events of one job."""

    def __init__(self) -> None:
        self._share = 0.0

    def at(self, event: ProgressEvent) -> tuple[str, float] | None:
        """(what is done and how far that is, share of the whole in [0, 1]); None for an event that tells no step."""
        if not event.total or event.kind == "failed":
            return None
        is_stage = event.kind == "stage"
        words, start, end = _BY_MESSAGE.get(event.message, _OTHER) if is_stage else _CHECKING
        within = min(1.0, event.done / event.total)
        self._share = max(self._share, start + within * (end - start))
        count = f"{number(event.done)} of {number(event.total)}"
        return (f"{words}, {count}" if words else count), self._share
