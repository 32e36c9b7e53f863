"""Opening photographs, saving pictures and results, and leaving."""

from __future__ import annotations

import os
from pathlib import Path

from forensic_gui.domain.errors import ForensicError
from forensic_gui.domain.finding import Product
from forensic_gui.views.core.items import Item
from forensic_gui.views.core.wording import sentence
from forensic_gui.views.handlers.desk import Desk, Table
from forensic_gui.views.saving import FILE_FILTERS
from forensic_gui.views.toolbox import ExportRequest, SaveRequest

_SAVE_SUFFIX = {Product.OVERLAY: ".overlay.jpg", Product.MASK: ".mask.png", Product.HEATMAP: ".heatmap.png"}


def file_table(desk: Desk) -> Table:
    """What the commands of the File menu do."""
    browser, window = desk.session.browser, desk.window
    return {
        "open_files": lambda: _open_files(desk),
        "open_folder": lambda: _open_folder(desk),
        "save_overlay": lambda: _save(desk, Product.OVERLAY),
        "save_mask": lambda: _save(desk, Product.MASK),
        "save_heatmap": lambda: _save(desk, Product.HEATMAP),
        "save_selected": lambda: _export(desk, browser.selected()),
        "save_all": lambda: _export(desk, browser.shown()),
        "remove_selected": lambda: browser.remove(window.browser.list.selected_ids()),
        "quit": window.close,
    }


def _open_files(desk: Desk) -> None:
    paths = desk.ask.files(desk.places.opened)
    if paths:
        desk.places.opened = str(paths[0].parent)
        desk.session.open(paths)


def _open_folder(desk: Desk) -> None:
    folder = desk.ask.folder("Open Folder", desk.places.opened)
    if folder is not None:
        desk.places.opened = str(folder)
        desk.session.open([folder])


def _save(desk: Desk, product: Product) -> None:
    current, layers = desk.session.current, desk.session.layers.settings
    decoded, examination = current.decoded, current.examination
    if decoded is None or examination is None:
        return
    evidence = decoded.evidence.path
    proposal = Path(desk.places.to_save()) / f"{evidence.stem}{_SAVE_SUFFIX[product]}"
    path = desk.ask.place(f"Save {product.value.capitalize()}", proposal, FILE_FILTERS[product])
    if path is None:
        return
    if desk.session.case.keeps(path):
        desk.session.report.fail(ForensicError("A case keeps only what it made itself; choose another folder."))
        return
    if _is_evidence(desk, path):
        desk.session.report.fail(ForensicError("This is evidence and is not written over; choose another name."))
        return
    desk.places.saved_to = str(path.parent)
    desk.session.report.job_begins()
    desk.session.saver.save(
        SaveRequest(
            path=path,
            product=product,
            decoded=decoded,
            examination=examination,
            threshold=layers.threshold,
            colormap=layers.colormap,
            opacity=layers.heatmap_opacity,
        )
    )


def _is_evidence(desk: Desk, path: Path) -> bool:
    known, place = desk.window.catalog.catalog.items, path.absolute()
    if any(place in (item.path, item.source) for item in known):
        return True
    # A file that is not there yet is none of them under another name.
    return os.path.lexists(path) and any(_same_file(path, item.source) for item in known)


def _export(desk: Desk, items: list[Item]) -> None:
    session, layers = desk.session, desk.session.layers.settings
    localizer = session.localizer
    if localizer is None or not items:
        return
    folder = desk.ask.folder("Save Results to Folder", desk.places.to_save())
    if folder is None:
        return
    desk.places.saved_to = str(folder)
    session.report.job_begins()
    request = ExportRequest(
        paths=tuple(item.path for item in items),
        folder=folder,
        localizer=localizer,
        views=session.views,
        threshold=layers.threshold,
        colormap=layers.colormap,
        opacity=layers.heatmap_opacity,
        keep=session.evidence.findings.keep_finding,
    )
    try:
        session.saver.export(request)
    except ForensicError as error:
        session.report.warn(sentence(error))


def _same_file(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False
