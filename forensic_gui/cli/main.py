"""The command line's entry: which command, and what its failures look like."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from forensic_gui import __version__
from forensic_gui.cli import (
    analyze,
    audit,
    benchmark,
    case,
    demo,
    doctor,
    evaluate,
    finetune,
    gui,
    labels,
    metadata,
    pseudo_label,
    report,
    reproduce,
    segment,
    synthesize,
    train,
    weights,
)
from forensic_gui.cli.interrupts import INTERRUPTED_STATUS
from forensic_gui.cli.output import tell
from forensic_gui.domain.errors import Cancelled, EvidenceError, ForensicError

COMMANDS = (
    gui,
    demo,
    case,
    audit,
    labels,
    report,
    reproduce,
    analyze,
    segment,
    metadata,
    evaluate,
    weights,
    doctor,
    benchmark,
    synthesize,
    pseudo_label,
    train,
    finetune,
)

SOME_FAILED, WRONG_CALL, DEFECT = 1, 2, 70
"""Exit statuses; 70 is what sysexits.h calls an internal software error."""

HELP = """Localize manipulation in photographs, without altering them.

`forensic-gui [PATHS]` opens the window, as `forensic-gui gui` does.
"""


def build_app() -> typer.Typer:
    """All commands under one name."""
    # Tracebacks are never printed: a failure is a sentence, a defect goes to a file.
    app = typer.Typer(
        name="forensic-gui", help=HELP, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False
    )
    app.callback()(_global_options)
    for command in COMMANDS:
        command.register(app)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the arguments ask for.

    Args:
        arguments: without the program's name; None for the process's own.

    Returns:
        Exit status: 0 done; 1 some inputs failed; 2 the call was wrong or could not be carried out; 130 stopped;
        70 a defect of this program, with a crash report.
    """
    multiprocessing.freeze_support()
    # OpenMP's threads spin while they wait for each other. Where other work has the cores, as our encoders do, that
    # made a forward pass 5 to 15 times slower on two cores; sleeping costs it a quarter where the cores are idle, see
    # docs/results. Read when torch loads.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app = build_app()
        status = app(with_command(given, _names(app)), prog_name="forensic-gui", standalone_mode=False)
    except SystemExit as exit_request:
        return _status_of(exit_request)
    except TyperException as error:
        status = _told(_wrong_call(error), WRONG_CALL)
    except ForensicError as error:
        status = _told(str(error), SOME_FAILED if isinstance(error, EvidenceError) else WRONG_CALL)
    except (Cancelled, KeyboardInterrupt, typer.Abort):
        return INTERRUPTED_STATUS
    except BrokenPipeError:
        # Whoever read our output left. Python would complain when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SOME_FAILED
    except Exception as error:  # noqa: BLE001 - the edge: anything that arrives here is a defect of this program
        tell(f"This is a defect of Forensic GUI ({type(error).__name__}); the report is in {_write_report(error)}.")
        return DEFECT
    # A number where typer.Exit ended the command; otherwise what the command's function returned, which is nothing.
    return status if isinstance(status, int) else 0


def program() -> NoReturn:
    """The process: run what its arguments ask for and exit.

    A stopped run leaves at once, its files and child processes closed: a thread left behind in the middle of loading a
    large library would hold the interpreter's own end up, or abort it.
    """
    status = main()
    if status == INTERRUPTED_STATUS:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)
    sys.exit(status)


def with_command(arguments: Sequence[str], commands: frozenset[str]) -> list[str]:
    """Arguments with the command they leave out: paths alone, or nothing at all, open the window."""
    if not arguments:
        return ["gui"]
    first = arguments[0]
    if first in commands or first.startswith("-") or not os.path.lexists(first):
        return list(arguments)
    return ["gui", *arguments]


def _names(app: typer.Typer) -> frozenset[str]:
    commands = {command.name for command in app.registered_commands}
    groups = {group.name for group in app.registered_groups}
    return frozenset(name for name in commands | groups if isinstance(name, str))


def _status_of(exit_request: SystemExit) -> int:
    if exit_request.code is None:
        return 0
    return exit_request.code if isinstance(exit_request.code, int) else SOME_FAILED


def _told(sentence: str, status: int) -> int:
    tell(sentence)
    return status


def _wrong_call(error: TyperException) -> str:
    """What is wrong with the arguments, in a sentence, and where to read what is right."""
    message = " ".join(error.format_message().split())
    message = message.replace("Value error, ", "")  # pydantic's words, which typer passes on
    possible = getattr(error, "possibilities", None)
    if possible:
        message = f"No such option: {getattr(error, 'option_name', '')}. Did you mean {' or '.join(sorted(possible))}?"
    ended = message if message.endswith((".", "?")) else f"{message}."
    context = getattr(error, "ctx", None)
    command = "forensic-gui" if context is None else context.command_path
    return f"{ended} See `{command} --help`."


def _write_report(error: BaseException) -> Path | str:
    from forensic_gui.services.bootstrap import log_folder

    now = datetime.now(UTC)
    path = log_folder() / f"crash-{now:%Y%m%dT%H%M%S}-{os.getpid()}.txt"
    report = [
        f"forensic-gui {__version__}, Python {sys.version}, {sys.platform}, {now.isoformat()}\n",
        f"arguments: {sys.argv[1:]!r}\n\n",
        *traceback.format_exception(error),
    ]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(report), encoding="utf-8", errors="backslashreplace")
    except OSError as refused:
        return f"no file, because {path} could not be written ({refused.strerror}): {error}"
    return path


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"forensic-gui {__version__}")
        raise typer.Exit


def _global_options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options before the command."""


if __name__ == "__main__":
    program()
