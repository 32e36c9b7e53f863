"""`forensic-gui case summary`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from forensic_gui.cli.interrupts import cancel_on_signal
from forensic_gui.cli.options import AuthorOption, CaseArgument, JsonOption, ProgressOption, ReplaceOption
from forensic_gui.cli.output import ProgressStyle, emit, paragraphs, progress_view, tell

HELP = """Write a row for every item of a case: what it is, what its newest finding says, what the analyst marked.

The suffix of FILE chooses the form: .csv, a table for spreadsheets (cells that a spreadsheet would run begin with an
apostrophe, characters that cannot be seen are escapes); .jsonl, a JSON object a row with exact values; .html and .pdf,
a contact sheet with thumbnails. That it was written, and its SHA-256, is recorded in the case's audit trail.

EXIT STATUS: 0 done; 1 it was written, and some thumbnails could not be made (each named); 2 nothing was written.
"""


def register(group: typer.Typer) -> None:
    """Add the command to those of cases."""
    group.command("summary", help=paragraphs(HELP))(summary_command)


def summary_command(
    case: CaseArgument,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="A .csv, .jsonl, .html or .pdf file.")],
    author: AuthorOption = None,
    replace: ReplaceOption = False,
    progress: ProgressOption = ProgressStyle.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Write the summary, with Ctrl-C stopping it."""
    from forensic_gui.cli.case import open_case
    from forensic_gui.report.contact_sheet import write_html_sheet, write_pdf_sheet
    from forensic_gui.services import bootstrap
    from forensic_gui.services.outputs import require_free
    from forensic_gui.services.summary import SummaryForm, SummaryRequest, form_of, write_summary

    form_of(output)
    require_free(output, replace=replace)
    with (
        open_case(case, author=author, only_records="summary") as session,
        cancel_on_signal() as cancel,
        progress_view(progress, title="Drawing") as sink,
    ):
        written = write_summary(
            SummaryRequest(output, replaces=replace),
            case=session,
            open_decoder=bootstrap.open_decoder,
            sheets={SummaryForm.HTML: write_html_sheet, SummaryForm.PDF: write_pdf_sheet},
            progress=sink,
            cancel=cancel,
        )
    if as_json:
        emit({"event": "summary", **written.to_record()})
    else:
        items = "1 item" if written.items == 1 else f"{written.items} items"
        tell(f"{items} in {written.path}, SHA-256 {written.sha256}.")
    raise typer.Exit(1 if written.failures else 0)
