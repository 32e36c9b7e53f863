"""What is said of labels on their way, as functions of what happened. No Qt."""

from __future__ import annotations

from forensic_gui.domain.errors import LabelsContradict
from forensic_gui.services.labels.contents import LabelContents
from forensic_gui.services.labels.contract import ImportReport, LabelsReport
from forensic_gui.views.core.wording import images, number, shown_plainly

NOTHING_TO_EXPORT = "No image has a region or is marked as without manipulation: draw or mark one first."
COUNTING = "Counting what there is to export…"


def regions(count: int) -> str:
    """A number of regions."""
    return "1 region" if count == 1 else f"{number(count)} regions"


def to_export(contents: LabelContents) -> str:
    """What there is to export, in a sentence."""
    if not contents.manipulated + contents.untouched:
        return NOTHING_TO_EXPORT
    parts = []
    if contents.manipulated:
        parts.append(f"{images(contents.manipulated)} with {regions(contents.regions)}")
    if contents.untouched:
        parts.append(f"{images(contents.untouched)} marked as without manipulation")
    said = f"{' and '.join(parts)} will be exported."
    if contents.left_out:
        said += f" {images(contents.left_out)} with neither {'stays' if contents.left_out == 1 else 'stay'} out."
    return said


def exported(report: LabelsReport) -> str:
    """What was exported, in sentences."""
    if report.folder is None:
        return "Nothing was exported: every image was refused."
    done = report.manipulated + report.untouched
    said = f"{images(done)} with {regions(report.regions)} were exported to {shown_plainly(str(report.folder))}"
    if done == 1:
        said = said.replace(" were exported", " was exported")
    said += _in_parts(report)
    if report.failures:
        refused = len(report.failures)
        said += f" {images(refused)} {'was' if refused == 1 else 'were'} refused."
    return " ".join((said, *map(shown_plainly, report.notices)))


def imported(report: ImportReport) -> str:
    """What was imported, in sentences."""
    added = []
    if report.regions:
        added.append(f"{regions(report.regions)} on {images(report.images - report.marked)}")
    if report.marked:
        added.append(f"{images(report.marked)} marked as without manipulation")
    said = [f"Imported: {', '.join(added)}." if added else "Nothing new was imported."]
    if report.known:
        said.append(f"{number(report.known)} {'was' if report.known == 1 else 'were'} in the case already.")
    contrary = sum(failure.kind == LabelsContradict.__name__ for failure in report.failures)
    if contrary:
        does = "contradicts its labels and stayed as it was"
        do = "contradict their labels and stayed as they were"
        said.append(f"{images(contrary)} {does if contrary == 1 else do}.")
    if len(report.failures) > contrary:
        said.append(f"{images(len(report.failures) - contrary)} could not be matched or read.")
    return " ".join(said)


def _in_parts(report: LabelsReport) -> str:
    if len(report.parts) < 2:
        return "."
    return f": {', '.join(f'{name} {number(count)}' for name, count in report.parts.items())}."
