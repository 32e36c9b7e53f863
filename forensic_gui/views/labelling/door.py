"""What the window asks of the services of labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from forensic_gui.services.ports import Decoder
from forensic_gui.services.progress import CancelToken, ProgressSink

if TYPE_CHECKING:
    from forensic_gui.services.case import CaseSession
    from forensic_gui.services.labels.contents import LabelContents
    from forensic_gui.services.labels.contract import (
        ExportLabelsRequest,
        ImportLabelsRequest,
        ImportReport,
        LabelsReport,
    )


class ExportLabels(Protocol):
    """Writes labels and their images; see `services.labels.exporting`."""

    def __call__(
        self,
        request: ExportLabelsRequest,
        *,
        case: CaseSession,
        decoder: Decoder,
        progress: ProgressSink,
        cancel: CancelToken,
    ) -> LabelsReport:
        """Write the folder."""
        ...


class ImportLabels(Protocol):
    """Adds regions of label files to a case; see `services.labels.importing`."""

    def __call__(
        self,
        request: ImportLabelsRequest,
        *,
        case: CaseSession,
        decoder: Decoder,
        progress: ProgressSink,
        cancel: CancelToken,
    ) -> ImportReport:
        """Add the regions."""
        ...


class CountLabels(Protocol):
    """Counts what a case has to say in labels; see `services.labels.contents`."""

    def __call__(self, case: CaseSession, *, cancel: CancelToken) -> LabelContents:
        """Count."""
        ...


@dataclass(frozen=True, slots=True)
class LabelDoor:
    """The use cases of labels; tests put others here.

    Attributes:
        count: counts what there is to export.
        export_labels: labels out of a case.
        import_labels: labels into one.
    """

    count: CountLabels
    export_labels: ExportLabels
    import_labels: ImportLabels


def open_label_door() -> LabelDoor:
    """The real ones."""
    from forensic_gui.services.labels.contents import contents_of
    from forensic_gui.services.labels.exporting import export_labels
    from forensic_gui.services.labels.importing import import_labels

    return LabelDoor(count=contents_of, export_labels=export_labels, import_labels=import_labels)
