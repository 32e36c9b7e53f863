"""A window on stand-in services that take their time, and a hand for it."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from forensic_gui.services import bootstrap, engine
from forensic_gui.services.case import CaseSession
from forensic_gui.services.ports import Segmenter
from forensic_gui.views.app import Application
from forensic_gui.views.settings import SettingsStore
from forensic_gui.views.toolbox import open_toolbox
from tests.gui.block_meter import BlockMeter
from tests.gui.segmenter_standin import StandInSegmenter
from tests.gui.standins import Pace, StandInDecoder, StandInLocalizer

TEN_SECONDS_MS = 10_000


def grabcut(*, segmenter: str | None = None, device: str = "auto") -> Segmenter:
    """The segmenter that needs no weights, whatever this machine has installed."""
    return bootstrap.load_segmenter(segmenter=engine.GRABCUT_ID, device=device)


def defects_in(logs: Path) -> list[str]:
    """What crash reports say."""
    return [path.read_text() for path in logs.glob("crash-*.log")] if logs.exists() else []


class Answers:
    """Answers the questions that the window would ask in dialogs."""

    def __init__(self) -> None:
        self.chosen_files: list[Path] = []
        self.chosen_folder: Path | None = None
        self.chosen_weights: Path | None = None
        self.chosen_place: Path | None = None
        self.proposals: list[Path] = []
        self.chosen_case: Path | None = None
        self.chosen_archive: Path | None = None
        self.chosen_labels: Path | None = None
        self.chosen_key: Path | None = None
        self.chosen_word: str | None = None
        self.proposed_view = ""
        self.offered_words: list[str] = []

    def files(self, folder: str) -> list[Path]:
        return self.chosen_files

    def folder(self, title: str, folder: str) -> Path | None:
        return self.chosen_folder

    def weights(self, folder: str) -> Path | None:
        return self.chosen_weights

    def place(self, title: str, proposal: Path, kinds: str) -> Path | None:
        self.proposals.append(proposal)
        return self.chosen_place

    def new_case(self, proposal: Path) -> Path | None:
        self.proposals.append(proposal)
        return self.chosen_case

    def open_case(self, folder: str) -> Path | None:
        return self.chosen_case

    def archive(self, folder: str) -> Path | None:
        return self.chosen_archive

    def label_file(self, folder: str) -> Path | None:
        return self.chosen_labels

    def key(self, folder: str) -> Path | None:
        return self.chosen_key

    def caption(self, shown: str) -> str | None:
        self.proposed_view = shown
        return self.chosen_word

    def group(self, count: int, group: str, known: Sequence[str]) -> str | None:
        self.offered_words = list(known)
        return self.chosen_word

    def new_tag(self, count: int, known: Sequence[str]) -> str | None:
        self.offered_words = list(known)
        return self.chosen_word

    def carried_tag(self, count: int, carried: Sequence[str]) -> str | None:
        self.offered_words = list(carried)
        return self.chosen_word

    def author(self, author: str, *, default: str) -> str | None:
        return self.chosen_word


class Desk:
    """An analyst at the window: sees what is on it, acts by keys, mouse and drops."""

    def __init__(self, qtbot: QtBot, app: Application, pace: Pace, ask: Answers) -> None:
        self.qtbot = qtbot
        self.app = app
        self.window = app.window
        self.pace = pace
        self.ask = ask
        self.decoders: list[StandInDecoder] = []
        self.localizer = StandInLocalizer(pace)
        self.segmenter = StandInSegmenter()

    @property
    def session(self):
        return self.app.session

    @property
    def list(self):
        return self.window.browser.list

    @property
    def title(self) -> str:
        return self.window.windowTitle()

    @property
    def message(self) -> str:
        return self.window.messages.text if self.window.messages.isVisible() else ""

    @property
    def facts(self) -> str:
        return self.window.facts.text

    def part(self, name: str) -> QWidget:
        """A widget of the window by its name."""
        found = self.window.findChild(QWidget, name)
        assert found is not None, name
        return found

    def names(self) -> list[str]:
        model = self.window.catalog
        return [model.data(model.index(row, 0)) for row in range(model.rowCount())]

    def states(self) -> list:
        catalog = self.window.catalog.catalog
        return [catalog.item(item_id).state for item_id in catalog.shown]

    def decoded_names(self, *, thumbnails: bool = False) -> list[str]:
        calls = [call for decoder in self.decoders for call in decoder.calls]
        return [name for name, side, _ in calls if (side is not None) == thumbnails]

    def until(self, condition: Callable[[], bool], timeout_ms: int = TEN_SECONDS_MS) -> None:
        self.qtbot.waitUntil(condition, timeout=timeout_ms)

    def until_shown(self, name: str) -> None:
        self.until(lambda: self.title == name and self.session.current.decoded is not None)

    def until_analyzed(self, name: str) -> None:
        self.until(lambda: self.title == name and self.session.current.examination is not None)

    def close(self) -> None:
        """Close the window, and wait until it has gone: an open case is verified and closed first."""
        if not self.app.is_closed:
            self.window.close()
        self.until(lambda: self.app.is_closed)

    def press(self, keys: str, *, on: QWidget | None = None) -> None:
        """Press a key or a combination, as «F7» or «Ctrl+Shift+3»; it goes where the focus is."""
        *modifiers, key = keys.split("+") if keys != "+" else ["+"]
        held = Qt.KeyboardModifier.NoModifier
        for modifier in modifiers:
            held |= {"Ctrl": Qt.KeyboardModifier.ControlModifier, "Shift": Qt.KeyboardModifier.ShiftModifier}[modifier]
        code = getattr(Qt.Key, f"Key_{key}")
        self.qtbot.keyClick(on or self.window.focusWidget() or self.window, code, held)

    def run(self, command_id: str) -> None:
        """Choose a command in its menu."""
        action = self.window.actions_[command_id]
        assert action.isEnabled(), f"{command_id} is greyed"
        action.trigger()

    def is_enabled(self, command_id: str) -> bool:
        return self.window.actions_[command_id].isEnabled()

    def drop(self, paths: Sequence[Path], *, on: QWidget) -> bool:
        """Drag files over a widget and let them go; whether they were taken."""
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        mime.setText("\n".join(map(str, paths)))
        no_keys, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
        enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, mime, left, no_keys)
        QApplication.sendEvent(on, enter)
        if not enter.isAccepted():
            return False
        drop = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, left, no_keys, QEvent.Type.Drop)
        QApplication.sendEvent(on, drop)
        return drop.isAccepted()


@pytest.fixture
def photographs(tmp_path: Path) -> Callable[..., list[Path]]:
    """Makes files named img_1.jpg, img_2.jpg, … in a folder of the test's own; contents by name."""
    folder = tmp_path / "photographs"

    def make(count: int = 3, *, folder_name: str = "", **contents: bytes) -> list[Path]:
        place = folder / folder_name
        place.mkdir(parents=True, exist_ok=True)
        paths = []
        for number in range(1, count + 1):
            path = place / f"img_{number}.jpg"
            path.write_bytes(contents.get(f"img_{number}", f"photograph {number}".encode()))
            paths.append(path)
        return paths

    return make


@pytest.fixture(autouse=True)
def nothing_is_left_running(qtbot: QtBot) -> Iterator[None]:
    """No thread and no running timer outlives a test; leaked ones crash others at random."""
    threads = set(threading.enumerate())
    yield
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()
    end = time.monotonic() + 5
    while set(threading.enumerate()) - threads and time.monotonic() < end:
        time.sleep(0.01)
    assert not [thread.name for thread in set(threading.enumerate()) - threads]
    gc.collect()
    timers = [thing for thing in gc.get_objects() if isinstance(thing, QTimer)]
    assert not [timer for timer in timers if timer.isActive()]


@pytest.fixture
def open_desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Opens windows, closes them at the end, and fails when one of them met a defect."""
    desks: list[Desk] = []
    logs = tmp_path / "logs"

    def open_one(
        paths: Sequence[Path] = (),
        *,
        pace: Pace | None = None,
        load_localizer: Callable[..., object] | None = None,
        ready: bool = True,
        real: bool = False,
        expect_defect: bool = False,
    ) -> Desk:
        """With `real` photographs are decoded, and cut by GrabCut; the localizer is a stand-in all the same."""
        pace = pace or Pace()
        ask = Answers()
        desk: Desk

        def open_decoder() -> StandInDecoder:
            decoder = StandInDecoder(pace)
            desk.decoders.append(decoder)
            return decoder

        def load(*, weights: str | None = None, device: str = "auto") -> StandInLocalizer:
            time.sleep(pace.load_s)
            return desk.localizer

        def toolbox():
            pretended = {
                "open_decoder": open_decoder,
                "load_segmenter": lambda *, segmenter=None, device="auto": desk.segmenter,
            }
            chosen = {"load_segmenter": grabcut} if real else pretended
            return replace(open_toolbox(), load_localizer=load_localizer or load, log_folder=lambda: logs, **chosen)

        app = Application(
            qapp,
            paths=paths,
            store=SettingsStore(tmp_path / "config" / "window.ini"),
            make_toolbox=toolbox,
            ask=ask,
        )
        desk = Desk(qtbot, app, pace, ask)
        desk.expect_defect = expect_defect
        desks.append(desk)
        app.start()
        qtbot.waitUntil(lambda: app.session is not None, timeout=TEN_SECONDS_MS)
        if ready:
            qtbot.waitUntil(lambda: app.session.localizer is not None, timeout=TEN_SECONDS_MS)
        desk.window.activateWindow()
        return desk

    yield open_one
    for desk in desks:
        desk.close()
        desk.window.deleteLater()
        desk.app.deleteLater()
    assert any(desk.expect_defect for desk in desks) or defects_in(logs) == []


@pytest.fixture
def pace() -> Pace:
    """How long the stand-ins take."""
    return Pace()


@pytest.fixture
def meter() -> Callable[[], BlockMeter]:
    """Makes block meters."""
    return BlockMeter


@pytest.fixture
def make_case(tmp_path, photographs):
    """Makes a case of photographs, closed again; its folder."""

    def make(count=3, *, name="Harbour"):
        with closing(CaseSession.create(tmp_path / name, author="A. Nalyst")) as case:
            if count:
                case.add(photographs(count, folder_name=name))
            return case.folder

    return make
