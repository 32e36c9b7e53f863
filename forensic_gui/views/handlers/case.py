"""Making, opening, filling and describing cases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from forensic_gui.views.core.commands import Needs
from forensic_gui.views.handlers.desk import Desk, Table

_ARCHIVES = "Archives of cases (*.zip)"
_KEPT = "Evidence stays in its case; nothing can be taken out of the record."


def case_table(desk: Desk) -> Table:
    """What the commands of the Case menu do."""
    case = desk.session.case
    return {
        "new_case": lambda: _new_case(desk),
        "open_case": lambda: _open_case(desk),
        "close_case": case.close_case,
        "add_files": lambda: _add_files(desk),
        "add_folder": lambda: _add_folder(desk),
        "verify_case": case.originals.verify,
        "set_group": lambda: _set_group(desk),
        "add_tag": lambda: _add_tag(desk),
        "remove_tag": lambda: _remove_tag(desk),
        "export_case": lambda: _export_case(desk),
        "import_case": lambda: _import_case(desk),
        "case_author": lambda: _ask_author(desk),
    }


def available_in_case(desk: Desk) -> Iterator[Needs]:
    """What there is of a case to work on."""
    case = desk.session.case
    selected = desk.window.browser.list.selectionModel().hasSelection()
    have = {
        Needs.CASE: case.is_open,
        Needs.WRITABLE_CASE: case.is_writable,
        Needs.CASE_SELECTION: case.is_writable and selected,
        Needs.LOOSE_SELECTION: selected and not case.is_open,
    }
    yield from (need for need, there in have.items() if there)


def explain_case(desk: Desk) -> None:
    """Say why commands cannot be run that a case rules out."""
    case, actions = desk.session.case, desk.window.actions_
    actions.explain("remove_selected", _KEPT if case.is_open else "")
    for command_id in ("add_files", "add_folder", "set_group", "add_tag", "remove_tag", "import_labels"):
        actions.explain(command_id, case.read_only)


def _new_case(desk: Desk) -> None:
    folder = desk.ask.new_case(Path(desk.places.for_cases()) / "Case")
    if folder is not None:
        desk.places.cases = str(folder.parent)
        desk.session.case.new_case(folder)


def _open_case(desk: Desk) -> None:
    folder = desk.ask.open_case(desk.places.for_cases())
    if folder is not None:
        desk.places.cases = str(folder.parent)
        desk.session.case.open_case(folder)


def _add_files(desk: Desk) -> None:
    paths = desk.ask.files(desk.places.opened)
    if paths:
        desk.places.opened = str(paths[0].parent)
        desk.session.case.originals.add(paths)


def _add_folder(desk: Desk) -> None:
    folder = desk.ask.folder("Add Folder to Case", desk.places.opened)
    if folder is not None:
        desk.places.opened = str(folder)
        desk.session.case.originals.add([folder])


def _export_case(desk: Desk) -> None:
    case = desk.session.case
    archive = desk.ask.place("Export Case", Path(desk.places.for_cases()) / f"{case.name}.zip", _ARCHIVES)
    if archive is not None:
        case.export_case(archive)


def _import_case(desk: Desk) -> None:
    archive = desk.ask.archive(desk.places.for_cases())
    folder = None if archive is None else desk.ask.new_case(Path(desk.places.for_cases()) / archive.stem)
    if archive is not None and folder is not None:
        desk.places.cases = str(folder.parent)
        desk.session.case.import_case(archive, folder)


def _set_group(desk: Desk) -> None:
    case, items = desk.session.case, desk.session.browser.selected()
    groups = {item.entry.group for item in items if item.entry is not None}
    common = groups.pop() if len(groups) == 1 else ""
    group = desk.ask.group(len(items), common, case.groups)
    if group is not None:
        case.set_group(items, group)


def _add_tag(desk: Desk) -> None:
    case, items = desk.session.case, desk.session.browser.selected()
    tag = desk.ask.new_tag(len(items), case.tags)
    if tag:
        case.tag(items, add=[tag])


def _remove_tag(desk: Desk) -> None:
    case, items = desk.session.case, desk.session.browser.selected()
    carried = {tag for item in items if item.entry is not None for tag in item.entry.tags}
    if not carried:
        desk.session.report.note("None of the selected images has a tag.")
        return
    tag = desk.ask.carried_tag(len(items), [each for each in case.tags if each in carried])
    if tag:
        case.tag(items, remove=[tag])


def _ask_author(desk: Desk) -> None:
    case = desk.session.case
    author = desk.ask.author(case.chosen_author, default=case.default_author)
    if author is None or author.strip() == case.chosen_author:
        return
    case.set_author(author)
    since = "from the next case that is opened on" if case.is_open else "from now on"
    desk.session.report.note(f"Changes in cases are recorded in the name {case.author}, {since}.")
