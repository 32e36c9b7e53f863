"""The audit trail, and the commands with which another examiner checks and repeats what the report says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from forensic_gui.report.document import Block, Table, Text, Tone
from forensic_gui.report.sections.context import Context, counted, facts, moment

_SAFE_ID = re.compile(r"[a-z0-9][a-z0-9.-]*")
EVENT_WIDTHS = (3.4, 1.8, 4.4, 6.4)
_DEVICES = ("cpu", "cuda", "mps")


def trail(context: Context) -> Iterator[Block]:
    """Where the chain stands, what it shows, and what it does not."""
    words, state, case = context.words, context.record.trail, context.record.case
    yield facts(
        context.fact("trail.events", state.events),
        context.fact("trail.head", state.head, Tone.MONO),
        context.fact("trail.time", moment(state.time)),
        context.fact("trail.case_id", case.id, Tone.MONO),
        context.fact(
            "trail.created",
            words("trail.created_by", version=case.tool_version, who=case.created_by, time=moment(case.created)),
        ),
    )
    yield from _since(context)
    for name in ("note", "cut", "not_shown", "as_of"):
        yield Text(words(f"trail.{name}"))
    yield Text(words("trail.command"))
    yield Text(_audit_command(context), Tone.MONO)


def _since(context: Context) -> Iterator[Block]:
    """Events after the state that the record is of: the issue, and the reviews."""
    words, signed_off = context.words, context.signed_off
    if signed_off.issued_at is None:
        return
    events = (
        (words("trail.issue"), signed_off.issued_at),
        *((words("trail.review"), each) for each in signed_off.review_events),
    )
    header = tuple(words(f"trail.{name}") for name in ("what", "event", "event_time", "event_sha256"))
    rows = tuple((what, str(state.events), moment(state.time), state.head) for what, state in events)
    yield Table(header, rows, EVENT_WIDTHS, frozenset({3}), words("trail.since"))


def repeat(context: Context) -> Iterator[Block]:
    """Commands that check this report, and that make its findings again."""
    words = context.words
    yield Text(words("repeat.note"))
    yield context.note("repeat.placeholders")
    commands = (
        ("verify", "forensic-gui report verify FILE"),
        ("reproduce", "forensic-gui reproduce FILE"),
        ("audit", _audit_command(context)),
    )
    for name, command in commands:
        yield Text(words(f"repeat.{name}"))
        yield Text(command, Tone.MONO)
    for command, count in _analyses(context).items():
        yield Text(words("repeat.analyze", count=counted(count)))
        yield Text(command, Tone.MONO)


def analyze_command(finding: Mapping[str, Any]) -> str:
    """The command that finds again what a finding says; nothing in it is taken from outside without a look."""
    device = str(finding["device"]).partition(":")[0]
    return _command(
        "analyze ORIGINAL -o FOLDER",
        f"--weights {_plain(finding['weights_id'], 'WEIGHTS')}",
        f"--views {_plain(finding['views'], 'VIEWS')}",
        f"--threshold {float(finding['threshold'])!r}",
        f"--device {device if device in _DEVICES else 'auto'}",
    )


def _plain(name: object, placeholder: str) -> str:
    return str(name) if _SAFE_ID.fullmatch(str(name)) else placeholder


def _audit_command(context: Context) -> str:
    state = context.newest_event
    return _command("audit verify CASE", f"--head {state.head}", f"--events {state.events}")


def _command(what: str, *options: str) -> str:
    """A command, an option a line, as a shell takes it: so that no line is parted within a hash."""
    return " \\\n".join((f"forensic-gui {what}", *options))


def _analyses(context: Context) -> dict[str, int]:
    """How many items each command is for, in the order of the items."""
    commands: dict[str, int] = {}
    for item in context.record.items:
        if item.finding is not None:
            command = analyze_command(item.finding)
            commands[command] = commands.get(command, 0) + 1
    return commands
