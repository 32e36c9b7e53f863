"""The lanes of one window: which work waits for which."""

from __future__ import annotations

from dataclasses import dataclass, fields

from PySide6.QtCore import QObject

from forensic_gui.workers.lane import Lane


@dataclass(frozen=True, slots=True)
class Lanes:
    """One thread each; work of two lanes never waits for each other.

    Attributes:
        loading: libraries, localizers.
        listing: folders.
        reading: the evidence that is looked at.
        thumbnails: of the rows on the screen.
        current: analysis of the evidence that is looked at.
        measuring: the share over the threshold.
        batch: analyses in the background, exports.
        saving: pictures of one result.
        editing: what is drawn, on its way into the case; drained before it is closed.
        case: opening and closing one, groups and tags.
        adding: copying files into the case.
        verifying: hashing originals anew.
        arranging: sorting and filtering a long list.
        segmenters: loading them.
        encoding: images that are looked at, for a segmenter.
        prompting: a segmenter's answers.
        drafting: what is written in the report, on its way into the case; drained before that is closed.
        reporting: files of reports, revisions.
        previewing: previews of reports.
        paging: pages of previews; the only thread that draws them.
        auditing: reading and checking the audit trail.
        tuning: the child process that fine-tunes.
        weights: which weights are installed, and other ones to compare with.
    """

    loading: Lane
    listing: Lane
    reading: Lane
    thumbnails: Lane
    current: Lane
    measuring: Lane
    batch: Lane
    saving: Lane
    editing: Lane
    case: Lane
    adding: Lane
    verifying: Lane
    arranging: Lane
    segmenters: Lane
    encoding: Lane
    prompting: Lane
    drafting: Lane
    reporting: Lane
    previewing: Lane
    paging: Lane
    auditing: Lane
    tuning: Lane
    weights: Lane

    @classmethod
    def open(cls, parent: QObject) -> Lanes:
        """All lanes; their threads start with their first work."""
        return cls(**{each.name: Lane(each.name, parent) for each in fields(cls)})

    def close(self) -> None:
        """Cancel all work, then wait for the threads to end."""
        lanes: list[Lane] = [getattr(self, each.name) for each in fields(self)]
        for lane in lanes:
            lane.cancel_all()
        for lane in lanes:
            lane.close()
