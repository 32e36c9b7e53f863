"""What each command does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QStandardPaths, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from forensic_gui.domain.errors import ForensicError
from forensic_gui.domain.finding import Product
from forensic_gui.services.listing import SUFFIXES
from forensic_gui.services.ports import Views
from forensic_gui.views.canvas.scene import CompareMode, LayerSettings
from forensic_gui.views.core.catalog import Item, Order
from forensic_gui.views.core.commands import COMMANDS, Needs
from forensic_gui.views.core.wording import sentence
from forensic_gui.views.dialogs import AboutDialog, ShortcutsDialog
from forensic_gui.views.saving import FILE_FILTERS
from forensic_gui.views.session import Session
from forensic_gui.views.theme import Theme, ThemeChoice
from forensic_gui.views.toolbox import ExportRequest, SaveRequest

_SAVE_SUFFIX = {Product.OVERLAY: ".overlay.jpg", Product.MASK: ".mask.png", Product.HEATMAP: ".heatmap.png"}


class Ask(Protocol):
    """Asks the user for places; an empty answer means never mind."""

    def files(self, folder: str) -> list[Path]:
        """Photographs to open."""
        ...

    def folder(self, title: str, folder: str) -> Path | None:
        """A folder to open or to write to."""
        ...

    def weights(self, folder: str) -> Path | None:
        """A weights file."""
        ...

    def place(self, title: str, proposal: Path, kinds: str) -> Path | None:
        """A file to write."""
        ...


class AskWithDialogs:
    """Asks with the dialogs of the system."""

    def __init__(self, window: QWidget) -> None:
        self._window = window

    def files(self, folder: str) -> list[Path]:
        """Photographs to open."""
        patterns = " ".join(f"*{suffix} *{suffix.upper()}" for suffix in sorted(SUFFIXES))
        kinds = f"Photographs ({patterns});;All files (*)"
        chosen, _ = QFileDialog.getOpenFileNames(self._window, "Open Photographs", folder, kinds)
        return [Path(name) for name in chosen]

    def folder(self, title: str, folder: str) -> Path | None:
        """A folder to open or to write to."""
        chosen = QFileDialog.getExistingDirectory(self._window, title, folder)
        return Path(chosen) if chosen else None

    def weights(self, folder: str) -> Path | None:
        """A weights file."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Choose Weights", folder, "Weights (*.safetensors)")
        return Path(chosen) if chosen else None

    def place(self, title: str, proposal: Path, kinds: str) -> Path | None:
        """A file to write."""
        dialog = QFileDialog(self._window, title, str(proposal.parent), kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        # The dialog adds it before it asks whether a file may be written over.
        dialog.setDefaultSuffix(proposal.suffix.removeprefix("."))
        dialog.selectFile(proposal.name)
        chosen = dialog.selectedFiles() if dialog.exec() else []
        dialog.deleteLater()
        return Path(chosen[0]) if chosen else None


class Handlers(QObject):
    """Runs commands, and keeps the actions to what can be run."""

    def __init__(
        self,
        session: Session,
        *,
        theme: Theme,
        ask: Ask,
        log_folder: Callable[[], Path],
        folder: str = "",
        saved_to: str = "",
    ) -> None:
        super().__init__(session)
        self._session = session
        self._window = session.window
        self._theme = theme
        self._ask = ask
        self._log_folder = log_folder
        self._folder = folder
        self._saved_to = saved_to
        handlers = self._table()
        assert handlers.keys() == {command.id for command in COMMANDS}
        for command_id, handler in handlers.items():
            # The signal carries whether the action is checked; handlers look at the state itself.
            self._window.actions_[command_id].triggered.connect(lambda _=False, run=handler: run())
        session.changed.connect(self._follow)
        self._window.blink_held.connect(lambda held: self._blink(held=held))
        self._check_choices()
        self._follow()

    @property
    def folder(self) -> str:
        """Where files were opened last."""
        return self._folder

    @property
    def saved_to(self) -> str:
        """Where files were saved last; "" before the first time."""
        return self._saved_to

    @property
    def _layers(self) -> LayerSettings:
        return self._session.layers.settings

    def _is_on(self, command_id: str) -> bool:
        return self._window.actions_[command_id].isChecked()

    def _blink(self, *, held: bool) -> None:
        """The key shows the other state of what the command has chosen."""
        self._session.canvas.set_blink(held != self._is_on("blink"))

    def _table(self) -> dict[str, Callable[[], object]]:
        session, window = self._session, self._window
        browser, canvas = session.browser, session.canvas
        return {
            "open_files": self._open_files,
            "open_folder": self._open_folder,
            "save_overlay": lambda: self._save(Product.OVERLAY),
            "save_mask": lambda: self._save(Product.MASK),
            "save_heatmap": lambda: self._save(Product.HEATMAP),
            "save_selected": lambda: self._export(browser.selected()),
            "save_all": lambda: self._export(browser.shown()),
            "remove_selected": lambda: browser.remove(window.browser.list.selected_ids()),
            "quit": window.close,
            "copy_facts": lambda: QGuiApplication.clipboard().setText(window.facts.text),
            "copy_hash": self._copy_hash,
            "select_all": window.browser.select_all,
            "find": self._find,
            "next_image": lambda: browser.step(1),
            "previous_image": lambda: browser.step(-1),
            "sort_name": lambda: window.catalog.sort_by(Order.NAME),
            "sort_share": lambda: window.catalog.sort_by(Order.SHARE),
            "sort_added": lambda: window.catalog.sort_by(Order.ADDED),
            "fit": canvas.fit,
            "one_to_one": canvas.one_to_one,
            "zoom_in": canvas.zoom_in,
            "zoom_out": canvas.zoom_out,
            "toggle_heatmap": lambda: session.set_layers(
                replace(self._layers, heatmap_visible=self._is_on("toggle_heatmap"))
            ),
            "toggle_contour": lambda: session.set_layers(
                replace(self._layers, contour_visible=self._is_on("toggle_contour"))
            ),
            "toggle_fill": lambda: session.set_layers(replace(self._layers, fill_visible=self._is_on("toggle_fill"))),
            "theme_system": lambda: self._theme.choose(ThemeChoice.SYSTEM),
            "theme_light": lambda: self._theme.choose(ThemeChoice.LIGHT),
            "theme_dark": lambda: self._theme.choose(ThemeChoice.DARK),
            "analyze_current": session.analyze_anew,
            "analyze_selected": lambda: session.analyze_items(browser.selected()),
            "analyze_all": lambda: session.analyze_items(browser.shown()),
            "stop": session.stop,
            "auto_analyze": lambda: session.set_auto_analyze(self._is_on("auto_analyze")),
            "views_fast": lambda: session.set_views(Views.FAST),
            "views_thorough": lambda: session.set_views(Views.THOROUGH),
            "choose_weights": self._choose_weights,
            "compare_single": lambda: session.set_compare_mode(CompareMode.SINGLE),
            "compare_swipe": lambda: session.set_compare_mode(CompareMode.SWIPE),
            "compare_side": lambda: session.set_compare_mode(CompareMode.SIDE_BY_SIDE),
            "blink": lambda: self._blink(held=False),
            "shortcuts": lambda: ShortcutsDialog(window).exec(),
            "open_logs": self._open_logs,
            "about": self._show_about,
        }

    def _check_choices(self) -> None:
        session, actions = self._session, self._window.actions_
        actions.check(f"theme_{self._theme.choice.value}")
        actions.check(f"views_{session.views.value}")
        actions.check(f"sort_{self._window.catalog.catalog.order.value}")
        actions.check("auto_analyze", session.auto_analyze)
        actions.check("compare_single")

    def _follow(self) -> None:
        # For the tenth of a second between two images nothing is greyed: it would only flicker.
        if self._session.current.is_settling:
            return
        actions, layers = self._window.actions_, self._layers
        actions.enable(self._available())
        actions.check("toggle_heatmap", layers.heatmap_visible)
        actions.check("toggle_contour", layers.contour_visible)
        actions.check("toggle_fill", layers.fill_visible)

    def _available(self) -> Iterator[Needs]:
        session = self._session
        ready = session.localizer is not None
        have = {
            Needs.ITEMS: bool(len(self._window.catalog.catalog)),
            Needs.SELECTION: self._window.browser.list.selectionModel().hasSelection(),
            Needs.IMAGE: session.current.decoded is not None,
            Needs.HEATMAP: session.current.examination is not None,
        }
        yield from (need for need, there in have.items() if there)
        needs_localizer = {
            Needs.READY_ITEMS: Needs.ITEMS,
            Needs.READY_SELECTION: Needs.SELECTION,
            Needs.READY_IMAGE: Needs.IMAGE,
        }
        yield from (need for need, also in needs_localizer.items() if ready and have[also])
        if session.is_busy:
            yield Needs.RUNNING

    def _open_files(self) -> None:
        paths = self._ask.files(self._folder)
        if paths:
            self._folder = str(paths[0].parent)
            self._session.browser.open(paths)

    def _open_folder(self) -> None:
        folder = self._ask.folder("Open Folder", self._folder)
        if folder is not None:
            self._folder = str(folder)
            self._session.browser.open([folder])

    def _choose_weights(self) -> None:
        path = self._ask.weights(self._folder)
        if path is not None:
            self._session.localizers.load(str(path))

    def _save(self, product: Product) -> None:
        current, layers = self._session.current, self._session.layers.settings
        decoded, examination = current.decoded, current.examination
        if decoded is None or examination is None:
            return
        evidence = decoded.evidence.path
        proposal = Path(self._save_folder()) / f"{evidence.stem}{_SAVE_SUFFIX[product]}"
        path = self._ask.place(f"Save {product.value.capitalize()}", proposal, FILE_FILTERS[product])
        if path is None:
            return
        if self._is_evidence(path):
            self._session.report.fail(ForensicError("This is evidence and is not written over; choose another name."))
            return
        self._saved_to = str(path.parent)
        self._session.report.job_begins()
        self._session.saver.save(
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

    def _save_folder(self) -> str:
        """Never the evidence's own folder by default: what is saved among evidence is soon taken for it."""
        if self._saved_to and Path(self._saved_to).is_dir():
            return self._saved_to
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return documents if documents and Path(documents).is_dir() else str(Path.home())

    def _is_evidence(self, path: Path) -> bool:
        known = self._window.catalog.catalog.items
        return any(path.absolute() == item.path or _same_file(path, item.path) for item in known)

    def _export(self, items: list[Item]) -> None:
        session, layers = self._session, self._session.layers.settings
        localizer = session.localizer
        if localizer is None or not items:
            return
        folder = self._ask.folder("Save Results to Folder", self._save_folder())
        if folder is None:
            return
        self._saved_to = str(folder)
        session.report.job_begins()
        request = ExportRequest(
            paths=tuple(item.path for item in items),
            folder=folder,
            localizer=localizer,
            views=session.views,
            threshold=layers.threshold,
            colormap=layers.colormap,
            opacity=layers.heatmap_opacity,
        )
        try:
            session.saver.export(request)
        except ForensicError as error:
            session.report.warn(sentence(error))

    def _copy_hash(self) -> None:
        decoded = self._session.current.decoded
        if decoded is not None:
            QGuiApplication.clipboard().setText(decoded.evidence.sha256)

    def _find(self) -> None:
        self._window.show_browser()
        self._window.browser.edit_filter()

    def _open_logs(self) -> None:
        folder = self._log_folder()
        folder.mkdir(parents=True, exist_ok=True)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._session.report.note(f"Logs are in {folder}")

    def _show_about(self) -> None:
        localizer = self._session.localizer
        AboutDialog(None if localizer is None else localizer.info, self._window).exec()


def _same_file(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False
