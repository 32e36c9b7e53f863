"""`forensic-gui audit`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forensic_gui.cli.case import open_case
from forensic_gui.cli.interrupts import cancel_on_signal
from forensic_gui.cli.options import AuthorOption, CaseArgument, JsonOption, ProgressOption, ReplaceOption
from forensic_gui.cli.output import ProgressStyle, emit, paragraphs, printable, progress_view, tell

if TYPE_CHECKING:
    from forensic_gui.domain.trail_fault import TrailFault
    from forensic_gui.services.auditing.reading import ShownEvent
    from forensic_gui.services.auditing.verdict import TrailVerdict

HELP = """The audit trail of a case: who did what, when, to which item, and what came of it.

EXIT STATUS: 0 done, and of `verify` that the trail is whole; 1 the trail is damaged, or does not hold the event that a
report names; 2 nothing was done, because the call was wrong or the case cannot be used.
"""

VERIFY_HELP = """Check a trail, and name the first event that was altered, removed or moved.

SOURCE is a case, or a file that `audit export` wrote. Of a case, everything that the events vouch for is compared too:
items, groups, tags, findings, annotations, reports. Nothing is written, a damaged case is read all the same, and nobody
who has the case open is disturbed. The originals are not hashed: `case verify` does that.

A trail whose end was cut off is whole as far as it goes. Every report prints hash and number of an event, and its
manifest those of the last one: give them as --head and --events, and a cut tail shows.
"""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help=paragraphs(HELP), no_args_is_help=True)
    group.command("verify", help=paragraphs(VERIFY_HELP))(verify_command)
    group.command("export")(export_command)
    group.command("list")(list_command)
    app.add_typer(group, name="audit")


def verify_command(
    source: Annotated[Path, typer.Argument(help="A case, or a file of its events.", metavar="SOURCE")],
    head: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="Of an event that a report or a manifest names: it must be there."),
    ] = None,
    events: Annotated[
        int | None, typer.Option(metavar="N", help="With --head: the number of that event by the same word.")
    ] = None,
    progress: ProgressOption = ProgressStyle.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Check a trail."""
    from forensic_gui.domain.errors import RequestError
    from forensic_gui.services.auditing.verdict import PrintedHead
    from forensic_gui.services.auditing.verifying import verify_trail

    if head is None and events is not None:
        raise RequestError("--events goes with --head, the hash of the event of this number.")
    printed = None if head is None else PrintedHead.of(head, events)
    with cancel_on_signal() as cancel, progress_view(progress, title="Verifying") as sink:
        verdict = verify_trail(source, printed=printed, progress=sink, cancel=cancel)
    if as_json:
        emit(_verdict_record(source, verdict))
    else:
        _say(verdict)
    raise typer.Exit(0 if verdict.is_whole else 1)


def export_command(
    case: CaseArgument,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The file to write, as trail.jsonl.")],
    author: AuthorOption = None,
    replace: ReplaceOption = False,
    progress: ProgressOption = ProgressStyle.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Write every event as a line of JSON, so that anybody can check the chain with any JSON library."""
    from forensic_gui.services.auditing.exporting import export_trail
    from forensic_gui.services.outputs import require_free

    require_free(output, replace=replace)
    with (
        open_case(case, author=author, only_records="export of the audit trail") as session,
        cancel_on_signal() as cancel,
        progress_view(progress, title="Exporting") as sink,
    ):
        exported = export_trail(session, output, progress=sink, cancel=cancel)
    if as_json:
        emit({"event": "trail exported", "file": str(exported.path), "events": exported.events, "head": exported.head,
              "sha256": exported.sha256, "size_bytes": exported.size_bytes})  # fmt: skip
    else:
        tell(f"{exported.events} events were written to {exported.path}, the last one {exported.head}.")


def list_command(
    case: CaseArgument,
    action: Annotated[str, typer.Option(metavar="TEXT", help="Only what was done so, in part: as finding.")] = "",
    actor: Annotated[str, typer.Option(metavar="NAME", help="Only what was done by somebody of this name.")] = "",
    item: Annotated[
        str, typer.Option(metavar="NAME|HASH", help="Only what is about an item: part of its name, or of its SHA-256.")
    ] = "",
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Not before, as 2026-03-01 or 2026-03-01T12:30+02:00.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Not after; a date alone: its end.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Each event as a line of JSON on stdout.")] = False,
) -> None:
    """Print events, the oldest first; times are in UTC where no offset is said. The chain is not checked."""
    from forensic_gui.services.auditing.filtering import EventFilter, moment
    from forensic_gui.services.auditing.reading import read_trail

    wanted = EventFilter(
        action=action,
        actor=actor,
        item=item,
        since=None if since is None else moment(since),
        until=None if until is None else moment(until, ends_day=True),
    )
    total = listed = 0
    for shown in read_trail(case):
        total += 1
        if wanted.fits(shown):
            listed += 1
            emit(_event_record(shown)) if as_json else typer.echo(_line(shown))
    tell(f"{listed} of {total} events; the chain was not checked, «audit verify» does.")


def _say(verdict: TrailVerdict) -> None:
    if verdict.fault is None:
        checked = (
            "and everything in the case is as it says" if verdict.has_tables else "as far as a file of events shows"
        )
        typer.echo(f"The audit trail is whole, {checked}: {verdict.events} events, the last one {verdict.head}.")
    else:
        typer.echo(printable(f"The audit trail is damaged: {verdict.fault.clause}."))
        typer.echo(printable(f"  {_where(verdict.fault)}"))
        typer.echo(f"  {_before(verdict)}")
    if verdict.printed is not None:
        typer.echo(verdict.printed.sentence)


def _before(verdict: TrailVerdict) -> str:
    if not verdict.events:
        return "no event fits"
    fit = "1 event fits" if verdict.events == 1 else f"the first {verdict.events} events fit"
    return f"{fit}, the last one of hash {verdict.head}"


def _where(fault: TrailFault) -> str:
    number = "no single event" if fault.number is None else f"event {fault.number}"
    return ", ".join(each for each in (number, fault.time, fault.action, fault.kind.value) if each)


def _verdict_record(source: Path, verdict: TrailVerdict) -> dict[str, Any]:
    fault, printed = verdict.fault, verdict.printed
    return {
        "event": "trail verified",
        "source": str(source),
        "whole": verdict.is_whole,
        "events": verdict.events,
        "head": verdict.head,
        "tables_compared": verdict.has_tables,
        "fault": None if fault is None else {
            "kind": fault.kind.value, "number": fault.number, "time": fault.time, "action": fault.action,
            "stands_at": fault.stands_at, "message": f"{fault.clause}.",
        },
        "printed_head": None if printed is None else {
            "in_trail": printed.is_in_trail, "hash_of_record": printed.is_of_record, "message": printed.sentence,
        },
    }  # fmt: skip


def _line(shown: ShownEvent) -> str:
    event = shown.event
    parts = (f"{event.seq}", event.time, event.actor, event.action, shown.about, shown.summary)
    return printable("  ".join(each for each in parts if each))


def _event_record(shown: ShownEvent) -> dict[str, Any]:
    event, details = shown.event, shown.details
    return {
        "seq": event.seq,
        "time": event.time,
        "actor": event.actor,
        "action": event.action,
        "subject": event.subject,
        "items": [{"id": item.id, "sha256": item.sha256, "name": item.name} for item in shown.items],
        "details": shown.details_json if details is None else details,
        "previous": event.previous,
        "sha256": event.sha256,
    }
