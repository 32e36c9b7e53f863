"""The case that is open in the window: made, opened, described and closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.case import CASE_SUFFIX, AnnotationState
from forensic_gui.domain.errors import CaseReadOnly, EvidenceAltered, ForensicError, OutputError
from forensic_gui.services.case import CaseSession
from forensic_gui.views.casework import jobs, words
from forensic_gui.views.casework.archives import CaseArchives
from forensic_gui.views.casework.board import Board, OpenCase
from forensic_gui.views.casework.door import CaseDoor, EnterCase, case_folder
from forensic_gui.views.casework.leaving import CaseLeaver
from forensic_gui.views.casework.originals import AT_OPENING, Originals
from forensic_gui.views.casework.recent import RecentCases
from forensic_gui.views.casework.surroundings import CurrentCaseItem, Surroundings
from forensic_gui.views.casework.vault import OpenVault
from forensic_gui.views.core.arranging import Plan, Prepared, Rows
from forensic_gui.views.core.items import Item
from forensic_gui.views.core.wording import sentence, shown_plainly
from forensic_gui.views.lanes import Lanes
from forensic_gui.widgets.question import Question
from forensic_gui.workers.gentle import empty_gently
from forensic_gui.workers.lane import Done, Failed, Outcome, Stopped


class CaseController(QObject):
    """Holds the open case. Everything that touches the disk runs on lanes; answers come back here."""

    case_changed = Signal()
    """Another case is open, or none."""
    item_changed = Signal(object)
    """Numbers within the case of items of which the case says something else now, a tuple."""
    names_changed = Signal()
    """Which groups or tags are in use."""
    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""
    _search_failed = Signal(object)

    def __init__(
        self,
        around: Surroundings,
        *,
        door: CaseDoor,
        lanes: Lanes,
        vault: OpenVault,
        recent: RecentCases,
        author: str = "",
    ) -> None:
        """Hold no case yet.

        Args:
            around: what shows it.
            door: makes and opens cases.
            lanes: where the work is done.
            vault: told of the originals.
            recent: told of the cases that are opened.
            author: in whose name changes are recorded; "" for the name the operating system knows.
        """
        super().__init__(around.window)
        self._around = around
        self._door = door
        self._lanes = lanes
        self._vault = vault
        self._author = author
        self._open: OpenCase | None = None
        self._is_entering = False
        self.recent = recent
        self._board = Board(around.window.catalog, self)
        self._board.item_changed.connect(self.item_changed)
        self.originals = Originals(
            adding=lanes.adding,
            verifying=lanes.verifying,
            vault=vault,
            board=self._board,
            browser=around.browser,
            report=around.report,
            case=lambda: self._open,
            parent=self,
        )
        self._search_failed.connect(self._fail)
        self.archives = CaseArchives(lanes.adding, door=door, report=around.report, parent=self)
        for source in (self.originals, self.archives):
            source.failed.connect(self._fail)
        users = (
            lanes.editing,
            lanes.adding,
            lanes.reading,
            lanes.thumbnails,
            lanes.current,
            lanes.batch,
            lanes.arranging,
            lanes.drafting,
            lanes.reporting,
            lanes.previewing,
        )
        self._leaver = CaseLeaver(around.window, verifying=lanes.verifying, case_lane=lanes.case, users=users)
        for part in (self._leaver, recent):
            part.broke.connect(self.broke)

    @property
    def session(self) -> CaseSession | None:
        """The open case, or None. Its calls touch the disk: none is for this thread."""
        return None if self._open is None else self._open.session

    @property
    def is_open(self) -> bool:
        """Whether a case is open."""
        return self._open is not None

    @property
    def holds_files(self) -> bool:
        """Whether a case is open, or still being closed."""
        return self._open is not None or self._leaver.is_leaving

    @property
    def is_writable(self) -> bool:
        """Whether a case is open that can be changed."""
        return self._open is not None and not self._open.info.read_only

    @property
    def name(self) -> str:
        """Name of the open case; "" without one."""
        return "" if self._open is None else self._open.info.name

    @property
    def read_only(self) -> str:
        """Why nothing can be changed in the open case, a sentence; "" where it can, or without a case."""
        return "" if self._open is None else self._open.info.read_only

    @property
    def current_case_item(self) -> CurrentCaseItem | None:
        """The item of the case on the canvas, or None."""
        item, decoded = self._around.current.item, self._around.current.decoded
        if self._open is None or item is None or item.entry is None:
            return None
        return CurrentCaseItem(item.entry.id, None if decoded is None else decoded.facts.stored)

    @property
    def has_items(self) -> bool:
        """Whether anything stands in the list."""
        return bool(len(self._around.window.catalog.catalog))

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups in use."""
        return () if self._open is None else self._open.groups

    @property
    def tags(self) -> tuple[str, ...]:
        """Tags in use."""
        return () if self._open is None else self._open.tags

    @property
    def author(self) -> str:
        """In whose name changes are recorded."""
        return self._author or self._door.default_author()

    @property
    def default_author(self) -> str:
        """The name the operating system knows the user by."""
        return self._door.default_author()

    @property
    def chosen_author(self) -> str:
        """The name the user gave; "" for the one the operating system knows."""
        return self._author

    def keeps(self, path: Path) -> bool:
        """Whether a path lies in the open case's folder, where nobody else writes."""
        return self._open is not None and path.absolute().is_relative_to(self._open.session.folder.absolute())

    def set_author(self, author: str) -> None:
        """Record changes in this name, from the next case that is opened on; "" for the operating system's."""
        self._author = author.strip()

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open a case that is among `paths`, and add the rest to it; without one, add to the case or just open."""
        if not any(path.suffix.lower() == CASE_SUFFIX for path in paths):
            self._take_files(paths)
            return

        def receive(outcome: Outcome[list[Path]]) -> None:
            match outcome:
                case Done(value=[first, *others] as cases):
                    if others:
                        self._around.report.warn(f"One window shows one case: {shown_plainly(first.name)} is opened.")
                    self.open_case(first, files=[path for path in paths if path not in cases])
                case Done():
                    self._take_files(paths)
                case Failed(error=error):
                    self._fail(error)

        self._lanes.case.submit(lambda _: [path for path in paths if self._door.is_case(path)], receive=receive)

    def wait_for(self, awaited: Callable[[], Sequence[str]]) -> None:
        """Let closing wait for what is still to be drawn into the case: `awaited` says what, each in words."""
        self._leaver.wait_for(awaited)

    def ask_before_leaving(self, question: Callable[[], Question | None], *, stop: Callable[[], object]) -> None:
        """Ask before a case is left where `question` has one; `stop` ends what goes on when it is left."""
        self._leaver.ask_where(question, stop=stop)

    def new_case(self, folder: Path) -> None:
        """Make a case, and add the photographs that are open without one."""
        loose = [item.path for item in self._around.window.catalog.catalog.items if item.entry is None]
        self._leave(lambda: self._enter(self._door.create, folder, files=loose))

    def open_case(self, folder: Path, *, files: Sequence[Path] = ()) -> None:
        """Open a case, and add files to it."""
        self._leave(lambda: self._enter(self._door.open, folder, files=files))

    def close_case(self, then: Callable[[], object] = lambda: None) -> None:
        """Verify the originals once more and close the case; `then` is called when it is closed."""
        self._leave(then)

    def export_case(self, archive: Path) -> None:
        """Write the open case into one archive."""
        if self._open is not None:
            self.archives.export(self._open.session, self.name, archive)

    def import_case(self, archive: Path, folder: Path) -> None:
        """Unpack an archive into a new case, and open that; what is open stays so until the archive was taken in."""
        if not self._is_entering:
            author = self.author
            self.archives.bring_in(archive, folder, author=author, then=lambda: self.open_case(case_folder(folder)))

    def set_group(self, items: Sequence[Item], group: str) -> None:
        """Put items into a group; "" takes them out."""
        self._change(items, lambda session, ids: session.set_group(ids, group))

    def tag(self, items: Sequence[Item], *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """Add and remove tags."""
        self._change(items, lambda session, ids: session.tag(ids, add=add, remove=remove))

    def refresh(self, item_ids: Sequence[int]) -> None:
        """Read anew what the case says of items, by their numbers within it."""
        self._submit(tuple(item_ids), lambda _session, _ids: None)

    def note_annotation(self, state: AnnotationState) -> None:
        """An item's annotation has changed."""
        self._board.show_annotation(state)

    def note_altered(self, item: Item, error: EvidenceAltered) -> None:
        """Reading an item has shown that its original is not what it was."""
        if item.entry is not None:
            self._board.mark_altered(item.entry, error)

    def note_refused(self, item_id: int, error: ForensicError) -> None:
        """A result could not be kept, or not be found again."""
        item = self._board.item(item_id)
        if item is not None:
            self._around.report.fail(error, subject=item.name, item_id=item.id)

    def close(self) -> None:
        """Let go of the case without another word, after the lanes have ended."""
        if self._open is not None:
            self._open.session.close()
            self._open = None

    def _take_files(self, paths: Sequence[Path]) -> None:
        if self._open is None:
            self._around.browser.open(paths)
        else:
            self.originals.add(paths)

    def _leave(self, then: Callable[[], object]) -> None:
        if self._is_entering:
            return
        if self._leaver.is_leaving:
            self._leaver.then_also(lambda _: then())
            return
        self._leaver.when_agreed(lambda: self._leave_now(then))

    def _leave_now(self, then: Callable[[], object]) -> None:
        self._around.stop_analyses()
        if self._open is None:
            then()
            return
        self.originals.stop()

        def left(error: ForensicError | None) -> None:
            self.originals.busy_changed.emit()  # what is done before a case is closed runs on its lanes too
            if error is not None:
                self._fail(error)
            then()

        self._leaver.leave(self._open.session, name=self.name, let_go=self._let_go, then=left)

    def _let_go(self) -> None:
        self._open = None
        self._board.clear()
        order = self._around.window.catalog.catalog.order
        self._around.browser.show_instead(Prepared.of(Plan(Rows(), order)))
        index = self._vault.leave()
        self._lanes.arranging.submit(lambda _: empty_gently(index.by_path, index.by_hash), receive=self._on_thrown_away)
        self.case_changed.emit()

    def _on_thrown_away(self, outcome: Outcome[None]) -> None:
        if isinstance(outcome, Failed):
            self._fail(outcome.error)

    def _enter(self, enter: EnterCase, folder: Path, *, files: Sequence[Path]) -> None:
        around, catalog, author = self._around, self._around.window.catalog.catalog, self.author
        first_id, order = catalog.next_id, catalog.order
        self._is_entering = True
        around.report.job_begins()
        around.window.work.say(f"Opening {shown_plainly(folder.name)}…")

        def receive(outcome: Outcome[jobs.Opened]) -> None:
            self._is_entering = False
            around.window.work.say("")
            match outcome:
                case Done(value=opened):
                    self._on_opened(opened, files)
                case Failed(error=error):
                    self._on_not_entered(error, folder, can_look=enter is self._door.open)
                case Stopped():
                    pass

        self._lanes.case.submit(
            lambda _: jobs.opened(enter(folder, author=author), first_id=first_id, order=order), receive=receive
        )

    def _on_not_entered(self, error: Exception, folder: Path, *, can_look: bool) -> None:
        """A case in which nothing can be recorded, for want of room or permission, can still be looked at."""
        if not (can_look and isinstance(error, OutputError | CaseReadOnly)):
            self._fail(error)
            return
        self._around.report.record(error, subject=folder.name)
        self._around.report.warn_and_offer(
            f"{sentence(error)} Until then the case can be looked at.",
            action="Open for Looking Only",
            answer=lambda: self._leave(lambda: self._enter(self._door.look, folder, files=())),
        )

    def _on_opened(self, opened: jobs.Opened, files: Sequence[Path]) -> None:
        info = opened.info
        self._open = OpenCase(opened.session, info, opened.first_id, opened.groups, opened.tags)
        self._board.clear()
        self._vault.enter(opened.session, is_writable=not info.read_only, index=opened.index)
        self._around.browser.show_instead(opened.prepared)
        self._around.window.catalog.search_with(partial(self._search, opened.session, opened.first_id))
        self.recent.note(opened.session.folder)
        self.case_changed.emit()
        if info.read_only:
            self._around.report.warn(words.read_only(info))
        if opened.prepared.known:
            self.originals.verify(occasion=AT_OPENING)
        if files:
            self.originals.add(files)

    def _search(self, session: CaseSession, first_id: int, text: str) -> list[int]:
        """Called on a lane. What rows hold is found all the same where the case cannot be searched."""
        try:
            return [first_id + item_id for item_id in jobs.found(session, text)]
        except ForensicError as error:
            self._search_failed.emit(error)
            return []

    def _change(self, items: Sequence[Item], do: Callable[[CaseSession, Sequence[int]], None]) -> None:
        ids = tuple(item.entry.id for item in items if item.entry is not None)
        if ids:
            self._submit(ids, do)

    def _submit(self, item_ids: tuple[int, ...], do: Callable[[CaseSession, Sequence[int]], None]) -> None:
        if self._open is None:
            return
        session = self._open.session

        def receive(outcome: Outcome[jobs.Changed]) -> None:
            match outcome:
                case Done(value=changed) if session is self.session:
                    self._on_changed(changed)
                case Failed(error=error):
                    self._fail(error)

        self._lanes.case.submit(
            lambda _: jobs.change(session, item_ids, lambda: do(session, item_ids)), receive=receive
        )

    def _on_changed(self, changed: jobs.Changed) -> None:
        assert self._open is not None
        self._board.show(changed.items)
        if (self._open.groups, self._open.tags) != (changed.groups, changed.tags):
            self._open.groups, self._open.tags = changed.groups, changed.tags
            self.names_changed.emit()

    def _fail(self, error: Exception) -> None:
        if isinstance(error, ForensicError):
            self._around.report.fail(error)
        else:
            self.broke.emit(error)
