"""Labels out of the case and into it."""

from __future__ import annotations

from pathlib import Path

from forensic_gui.services.labels.contract import ExportLabelsRequest
from forensic_gui.views.handlers.desk import Desk, Table
from forensic_gui.views.labelling.export_dialog import ExportLabelsDialog
from forensic_gui.views.labelling.import_dialog import ImportLabelsDialog


def labels_table(desk: Desk) -> Table:
    """What the commands that bring labels out and in do."""
    return {"export_labels": lambda: _export(desk), "import_labels": lambda: _import(desk)}


def _export(desk: Desk) -> None:
    case, labels = desk.session.case, desk.session.labels
    session = case.session
    if session is None:
        return
    dialog = ExportLabelsDialog(
        folder=Path(desk.places.to_save()),
        case=case.name,
        ask_folder=lambda: desk.ask.folder("Export Labels to a New or Empty Folder", desk.places.to_save()),
        parent=desk.window,
    )
    stop_counting = labels.count(session, receive=dialog.set_contents, refuse=dialog.set_failed)
    dialog.finished.connect(lambda _: stop_counting())

    def export(request: object) -> None:
        assert isinstance(request, ExportLabelsRequest)
        desk.places.saved_to = str(request.output.parent)
        labels.export(session, request)

    dialog.asked.connect(export)
    dialog.open()


def _import(desk: Desk) -> None:
    session, labels = desk.session.case.session, desk.session.labels
    if session is None:
        return
    dialog = ImportLabelsDialog(
        ask_file=lambda: desk.ask.label_file(desk.places.to_save()),
        ask_folder=lambda: desk.ask.folder("Import Labels: the Folder of an Export", desk.places.to_save()),
        parent=desk.window,
    )
    dialog.asked.connect(lambda request: labels.bring_in(session, request))
    dialog.open()
