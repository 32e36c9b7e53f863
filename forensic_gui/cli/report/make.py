"""`forensic-gui report CASE -o FILE`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forensic_gui.cli.case import open_case
from forensic_gui.cli.interrupts import cancel_on_signal
from forensic_gui.cli.options import AuthorOption, CaseArgument, JsonOption, ProgressOption, ReplaceOption
from forensic_gui.cli.output import ProgressStyle, emit, paragraphs, progress_view, tell
from forensic_gui.cli.report.choosing import ItemsOption, LanguageOption, PartsOption, planned
from forensic_gui.cli.report.signing_options import (
    KeyLabelOption,
    KeyOption,
    ModuleOption,
    PasswordEnvOption,
    SigningChoice,
    TimestampOption,
    TokenOption,
    signer_of,
)
from forensic_gui.domain.errors import RequestError

if TYPE_CHECKING:
    from forensic_gui.domain.reports.plan import ReportPlan
    from forensic_gui.services.case import CaseSession
    from forensic_gui.services.reporting.contract import WrittenReport

NAME = "make"

_HELP = """Write a report of a case, and a manifest with its hashes beside it.

FILE.pdf or FILE.html: the newest issued revision, where there is one; else the draft, which says DRAFT on every page.
Every original of it is hashed anew. The same state of the case gives the same bytes. --items, --parts and --language
choose what a draft shows this once; `report write` keeps such a choice.

Items whose originals were altered, are missing or cannot be read are named, in the report too; the rest is done.

EXIT STATUS: 0 done; 1 written, but some items have such troubles; 2 nothing was written, because the call was wrong or
the case cannot be used; 130 stopped by Ctrl-C, nothing was written.
"""


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command(NAME, help=paragraphs(_HELP))(make_command)


def make_command(  # noqa: PLR0913, PLR0917 - one argument for each option
    case: CaseArgument,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="A name that ends in .pdf or .html.")],
    revision: Annotated[int | None, typer.Option(min=1, metavar="N", help="An issued revision by its number.")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="The draft, whatever was issued.")] = False,
    items: ItemsOption = None,
    parts: PartsOption = None,
    language: LanguageOption = None,
    template: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Your own template: letterhead, order, headings, languages.")
    ] = None,
    key: KeyOption = None,
    module: ModuleOption = None,
    token: TokenOption = None,
    key_label: KeyLabelOption = None,
    password_env: PasswordEnvOption = None,
    timestamp: TimestampOption = None,
    replace_file: ReplaceOption = False,
    author: AuthorOption = None,
    progress: ProgressOption = ProgressStyle.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Write a report."""
    if draft and revision is not None:
        raise RequestError("--draft and --revision name two different reports: say one of them.")
    from forensic_gui.report.rendering import renderer
    from forensic_gui.services import bootstrap
    from forensic_gui.services.reporting.contract import ReportRequest
    from forensic_gui.services.reporting.making import make_report

    render = renderer(output.suffix, template_folder=template)
    sign = signer_of(SigningChoice(key, module, token, key_label, password_env, timestamp))
    with open_case(case, author=author, only_records="report") as session:
        request = ReportRequest(
            output=output,
            revision=0 if draft else revision,
            plan=_plan(session, {"items": items, "parts": parts, "language": language}),
            replaces=replace_file,
        )
        with (
            bootstrap.report_ports() as ports,
            cancel_on_signal() as cancel,
            progress_view(progress, title="Reporting") as sink,
        ):
            written = make_report(
                request, case=session, ports=ports, render=render, sign=sign, progress=sink, cancel=cancel
            )
        _tell(written, session)
    if as_json:
        emit({"event": "report", **written.to_record()})
    raise typer.Exit(1 if written.troubles else 0)


def _plan(session: CaseSession, said: Mapping[str, str | None]) -> ReportPlan | None:
    """What the report shows in place of what the draft says; None where the options say nothing of it."""
    if all(each is None for each in said.values()):
        return None
    plan = planned(session.reports.draft().plan, items=said["items"], parts=said["parts"], language=said["language"])
    if not plan.item_ids:
        return plan
    return replace(plan, pinned=tuple(view for view in plan.pinned if view.item_id in plan.item_ids))


def _tell(written: WrittenReport, session: CaseSession) -> None:
    number = written.manifest.revision
    if number is None:
        missing = ", ".join(name.replace("_", " ") for name in session.reports.draft().opinion.missing)
        what = f"nothing is said yet of: {missing}" if missing else "it was not issued yet"
        tell(f"This is a DRAFT: {what}.")
    else:
        after = session.reports.signed_off(number).superseded_by
        tell(f"This is revision {number}" + (f", which revision {after} superseded." if after else "."))
    signed = ", signed" if written.manifest.is_signed else ""
    tell(f"{written.items} items were reported in {written.path}{signed}; its SHA-256 is {written.manifest.sha256}.")
    if not written.manifest.trail_head:
        tell("The manifest names no head of the audit trail, because the case could only be read.")
    if written.troubles:
        tell(f"Some items have troubles: {len({name for name, _ in written.troubles})}, each named above.")
