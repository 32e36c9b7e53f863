"""`forensic-gui case`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forensic_gui.cli import case_summary
from forensic_gui.cli.interrupts import cancel_on_signal
from forensic_gui.cli.options import AuthorOption, CaseArgument, JsonOption, ProgressOption, ReplaceOption
from forensic_gui.cli.output import (
    ProgressStyle,
    emit,
    failure_line,
    paragraphs,
    passed_over,
    printable,
    progress_view,
    tell,
)

if TYPE_CHECKING:
    from forensic_gui.domain.case import Altered, CaseItem
    from forensic_gui.services.case import AddReport, CaseSession

HELP = """Cases: folders that keep evidence, findings and annotations together, and a record of all that was done.

A case is a folder `Name.case`. Evidence is copied into it, once for the same bytes, and is verified by SHA-256.
Originals are only read. What was done is kept in an audit trail that is appended to, never changed.

EXIT STATUS: 0 done; 1 some files failed, some originals were altered or are missing, or the case holds files that it
does not know (each named); 2 nothing was done, because the
call was wrong or the case cannot be used.
"""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help=paragraphs(HELP), no_args_is_help=True)
    group.command("create")(create_command)
    group.command("add")(add_command)
    group.command("verify")(verify_command)
    group.command("info")(info_command)
    group.command("export")(export_command)
    group.command("import")(import_command)
    case_summary.register(group)
    app.add_typer(group, name="case")


def create_command(
    case: CaseArgument,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Files and folders to add at once.", metavar="[PATHS]", show_default=False),
    ] = None,
    author: AuthorOption = None,
    progress: ProgressOption = ProgressStyle.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Make a new, empty case, and add files to it."""
    from forensic_gui.services.case import CaseSession

    with closing(CaseSession.create(case, author=_author(author))) as session:
        tell(f"Made {session.folder}.")
        report = add_to_case(session, paths, group="", progress=progress) if paths else None
        if as_json:
            emit({"event": "case", **_info_record(session), **({} if report is None else _add_record(report))})
    raise typer.Exit(0 if report is None else _status(report.failures))


def add_command(
    case: CaseArgument,
    paths: Annotated[list[Path], typer.Argument(help="Files, and folders with files.", metavar="PATHS")],
    group: Annotated[str, typer.Option(metavar="NAME", help="Group that new items are put into.")] = "",
    author: AuthorOption = None,
    progress: ProgressOption = ProgressStyle.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Copy files into a case, the same bytes once; then every original of it is verified."""
    with open_case(case, author=author) as session:
        report = add_to_case(session, paths, group=group, progress=progress)
        altered = verify_case(session, occasion="case add", progress=progress)
        if as_json:
            records = [_altered_record(each) for each in altered]
            emit({"event": "added", **_add_record(report), "altered": records})
    raise typer.Exit(_status((*report.failures, *altered)))


def verify_command(
    case: CaseArgument,
    author: AuthorOption = None,
    progress: ProgressOption = ProgressStyle.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Hash every original anew, look for files that the case does not know, and check the audit trail."""
    with open_case(case, author=author, only_records="verification") as session, cancel_on_signal() as cancel:
        with progress_view(progress, title="Verifying") as sink:
            altered = session.verify(occasion="command line", progress=sink, cancel=cancel)
        unknown = [path.relative_to(session.folder).as_posix() for path in session.unknown_files()]
        for name in unknown:
            tell(failure_line(name, "unknown file in the case: no item or finding has it, so look where it came from."))
        events = session.audit()
        head = events[-1].sha256 if events else ""
        if as_json:
            emit({"event": "verified", **_info_record(session), "altered": [_altered_record(each) for each in altered],
                  "unknown": unknown, "audit_events": len(events), "audit_head": head})  # fmt: skip
        else:
            count = session.info.items - len(altered)
            typer.echo(printable(f"{count} of {session.info.items} originals are what was put into the case."))
            typer.echo(f"The audit trail is whole: {len(events)} events, the last one {head}.")
    raise typer.Exit(_status((*altered, *unknown)))


def info_command(
    case: CaseArgument,
    items: Annotated[bool, typer.Option("--items", help="Every item too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what a case holds. Changes nothing in it, and verifies no originals: `case verify` does."""
    with open_case(case, author=None, read_only=True) as session:
        listed = session.items() if items else ()
        if as_json:
            emit({"event": "case", **_info_record(session), "originals_verified": False})
            for item in listed:
                emit({"event": "item", **_item_record(item)})
            return
        info = session.info
        typer.echo(printable(f"{info.name}: {info.items} items, made {info.created} by {info.created_by}"))
        typer.echo(printable(f"  folder: {session.folder}"))
        typer.echo(f"  id: {info.id}")
        typer.echo(f"  made with version {info.tool_version}")
        typer.echo("  originals were not verified now; «case verify» does")
        for item in listed:
            typer.echo(printable(_item_line(item)))


def export_command(
    case: CaseArgument,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="ARCHIVE", help="The ZIP file to write.")],
    author: AuthorOption = None,
    replace: ReplaceOption = False,
    progress: ProgressOption = ProgressStyle.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Write a case into one archive with a manifest of the hashes of its files; originals are verified first."""
    from forensic_gui.services.case.archive import export_case
    from forensic_gui.services.outputs import require_free

    require_free(output, replace=replace)
    with (
        open_case(case, author=author, only_records="export") as session,
        cancel_on_signal() as cancel,
        progress_view(progress, title="Exporting") as sink,
    ):
        exported = export_case(session, output, progress=sink, cancel=cancel)
    if as_json:
        emit({"event": "exported", "archive": str(exported.archive), "files": exported.files,
              "size_bytes": exported.size_bytes, "items": exported.items})  # fmt: skip
    else:
        tell(f"{exported.items} items in {exported.files} files were written to {exported.archive}.")


def import_command(
    case: CaseArgument,
    archive: Annotated[Path, typer.Argument(help="An archive of `case export`.", metavar="ARCHIVE")],
    author: AuthorOption = None,
    progress: ProgressOption = ProgressStyle.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Make a new case of an archive; nothing is kept of one that is not what its manifest says."""
    from forensic_gui.services.case.archive import import_case

    with cancel_on_signal() as cancel, progress_view(progress, title="Importing") as sink:
        info = import_case(archive, case, author=_author(author), progress=sink, cancel=cancel)
    if as_json:
        emit({"event": "imported", "id": info.id, "name": info.name, "items": info.items})
    else:
        tell(f"{info.items} items were unpacked and verified.")


@contextmanager
def open_case(
    folder: Path, *, author: str | None, read_only: bool = False, only_records: str = ""
) -> Iterator[CaseSession]:
    """A case, closed at the end; a remark where it could be opened for reading only without being asked to.

    Args:
        folder: of the case.
        author: in whose name changes are recorded; None for the system's user.
        read_only: whether reading is all that is asked for.
        only_records: what is done, as "export", where nothing of it is written into the case but that it was done.
    """
    from forensic_gui.services.case import CaseSession

    with closing(CaseSession.open(folder, author=_author(author), read_only=read_only)) as session:
        if session.info.read_only and not read_only:
            tell(_not_recorded(only_records, session) if only_records else _only_read(folder, session))
        yield session


def verify_case(session: CaseSession, *, occasion: str, progress: ProgressStyle) -> tuple[Altered, ...]:
    """Hash every original before a case is closed; altered ones are named on stderr as they are found."""
    with cancel_on_signal() as cancel, progress_view(progress, title="Verifying") as sink:
        return session.verify(occasion=occasion, progress=sink, cancel=cancel)


def _only_read(folder: Path, session: CaseSession) -> str:
    return f"{folder} is open for reading only: {session.info.read_only}"


def _not_recorded(what: str, session: CaseSession) -> str:
    reason = session.info.read_only.partition(", so ")[0].rstrip(".")
    return f"This {what} is not recorded in the case's audit trail: {reason[:1].lower()}{reason[1:]}."


def _author(given: str | None) -> str:
    from forensic_gui.services.case.author import default_author

    return given or default_author()


def add_to_case(session: CaseSession, paths: Iterable[Path], *, group: str, progress: ProgressStyle) -> AddReport:
    """Add files to a case, with Ctrl-C stopping it, and say what became of them."""
    with cancel_on_signal() as cancel, progress_view(progress, title="Adding") as sink:
        report = session.add(paths, group=group, progress=sink, cancel=cancel)
    if report.other:
        tell(f"{passed_over(report.other)}; name a file to have it added whatever it is called.")
    known = f"; {len(report.known)} were in the case already" if report.known else ""
    failed = f"; {len(report.failures)} could not be read" if report.failures else ""
    tell(f"{len(report.added)} added{known}{failed}.")
    return report


def _status(troubles: Iterable[object]) -> int:
    return 1 if any(True for _ in troubles) else 0


def _add_record(report: AddReport) -> dict[str, Any]:
    return {
        "added": list(report.added),
        "known": list(report.known),
        "failures": [failure.to_record() for failure in report.failures],
        "other": report.other,
    }


def _info_record(session: CaseSession) -> dict[str, Any]:
    info = session.info
    return {
        "folder": str(session.folder),
        "id": info.id,
        "name": info.name,
        "created": info.created,
        "created_by": info.created_by,
        "tool_version": info.tool_version,
        "items": info.items,
        "groups": list(session.groups()),
        "tags": list(session.tags()),
    }


def _item_record(item: CaseItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "sha256": item.sha256,
        "name": item.name,
        "source": item.source,
        "size_bytes": item.size_bytes,
        "modified_utc": item.modified_utc,
        "added": item.added,
        "added_by": item.added_by,
        "width": None if item.size is None else item.size.width,
        "height": None if item.size is None else item.size.height,
        "group": item.group,
        "tags": list(item.tags),
        "share_over_threshold": item.share,
        "highest_score": item.highest_score,
        "threshold": item.threshold,
        "regions": item.regions,
        "conclusion": item.conclusion.value,
        "unreadable": item.unreadable,
    }


def _item_line(item: CaseItem) -> str:
    share = "not analyzed" if item.share is None else f"{item.share:.1%} over {item.threshold:g}"
    regions = "1 region" if item.regions == 1 else f"{item.regions} regions"
    place = f" [{item.group}]" if item.group else ""
    return f"  {item.id}{place} {item.name}: {share}, {regions}, {item.conclusion.value}, SHA-256 {item.sha256}"


def _altered_record(altered: Altered) -> dict[str, Any]:
    return {"item": altered.item_id, "name": altered.name, "expected": altered.expected, "measured": altered.measured}
