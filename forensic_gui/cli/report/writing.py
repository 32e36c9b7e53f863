"""`forensic-gui report show|write|issue|review|revisions`: what people say, and who said it when."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forensic_gui.cli.case import open_case
from forensic_gui.cli.interrupts import cancel_on_signal
from forensic_gui.cli.options import AuthorOption, CaseArgument, JsonOption, ProgressOption, ReplaceOption
from forensic_gui.cli.output import ProgressStyle, emit, paragraphs, printable, progress_view, tell
from forensic_gui.cli.report.choosing import ALL_ITEMS, ItemsOption, LanguageOption, PartsOption, planned
from forensic_gui.domain.errors import RequestError
from forensic_gui.domain.plain_text import plain_lines

if TYPE_CHECKING:
    from forensic_gui.domain.reports.revision import IssuedRevision, ReportDraft
    from forensic_gui.services.case import CaseSession

_NOT_SUPPLIED = "not supplied"
_WRITE_HELP = """Write the report's draft. What is concluded, and why, nobody fills in but you.

A form (--template) names every field and says what belongs there. Fields that neither --from nor --set names stay as
they are. Whoever changes the draft is an author of the next revision, and cannot review it.
"""
_ISSUE_HELP = """Issue the draft as the next revision, which is never changed, only superseded.

Needs both propositions, a level of the conclusion, and reasons. Every original of the report is hashed anew. Names are
what people say of themselves; what binds is a signature on the file (`report sign`).

EXIT STATUS: 0 issued; 1 issued, but originals that the report shows were altered or are missing: each is named, and the
revision says so; 2 nothing was issued; 130 stopped by Ctrl-C, nothing was issued.
"""


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("show")(show_command)
    group.command("write", help=paragraphs(_WRITE_HELP))(write_command)
    group.command("issue", help=paragraphs(_ISSUE_HELP))(issue_command)
    group.command("review")(review_command)
    group.command("revisions")(revisions_command)


def show_command(case: CaseArgument, as_json: JsonOption = False) -> None:
    """Say what the report of a case says so far, what is missing, and what was issued. Changes nothing."""
    with open_case(case, author=None, read_only=True) as session:
        draft, revisions = session.reports.draft(), session.reports.issues()
        if as_json:
            emit({"event": "report shown", "draft": _draft_record(draft), "revisions": list(_records(revisions))})
            return
        for line in (*_draft_lines(session, draft), *_revision_lines(revisions)):
            typer.echo(line)


def write_command(  # noqa: PLR0913, PLR0917 - one argument for each option
    case: CaseArgument,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="A form that was filled in, TOML or JSON.")
    ] = None,
    said: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=TEXT", help="One field, as title=Harbour; may be said several times."),
    ] = None,
    items: ItemsOption = None,
    parts: PartsOption = None,
    language: LanguageOption = None,
    template: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.toml", help="Write a form to fill in, with what the draft says, and change nothing."
        ),
    ] = None,
    author: AuthorOption = None,
    replace: ReplaceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Change the draft, or write a form."""
    changes = (source, said, items, parts, language)
    if template is not None:
        if any(each is not None for each in changes):
            raise RequestError("--template changes nothing in the draft: leave the other options out.")
        _write_template(case, template, replaces=replace, as_json=as_json)
        return
    if all(each is None for each in changes):
        raise RequestError("Say what is to be written: --from FILE, --set NAME=TEXT, --items, --parts or --language.")
    from forensic_gui.services.reporting.forms import filled_in, read_form

    words = {**(read_form(source) if source else {}), **dict(map(_named, said or ()))}
    with open_case(case, author=author) as session:
        before = session.reports.draft()
        draft = session.reports.write(
            opinion=filled_in(before.opinion, words),
            plan=planned(before.plan, items=items, parts=parts, language=language),
            revision=before.revision,
        )
    if as_json:
        emit({"event": "report drafted", **_draft_record(draft), "is_changed": draft != before})
        return
    what = f"The draft is at change {draft.revision}" if draft != before else "The draft says so already"
    tell(f"{what}; {_missing(draft)}.")
    if language is not None and (remark := _language_remark(language)):
        tell(remark)


def issue_command(
    case: CaseArgument,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why the revision before is superseded; from the second one on.")
    ] = "",
    template: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Your own template, where the report's language is one of its."),
    ] = None,
    author: AuthorOption = None,
    progress: ProgressOption = ProgressStyle.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Seal the draft."""
    from forensic_gui.report.template import load_template
    from forensic_gui.services import bootstrap
    from forensic_gui.services.reporting.issuing import issue_report

    with (
        open_case(case, author=author) as session,
        bootstrap.report_ports() as ports,
        cancel_on_signal() as cancel,
        progress_view(progress, title="Issuing") as sink,
    ):
        # A revision in a language that no template has could be printed by nobody, and never be changed.
        load_template(template).words_in(session.reports.draft().plan.language)
        report = issue_report(session, ports=ports, reason=reason, progress=sink, cancel=cancel)
    altered = [item["name"] for item in json.loads(report.record_json)["items"] if not item["is_unaltered"]]
    if as_json:
        said = {"record_sha256": report.record_sha256, "altered": altered}
        emit({"event": "report issued", **report.issue.to_record(), **said})
    else:
        tell(f"Issued revision {report.issue.number}, whose record has SHA-256 {report.record_sha256}.")
    for name in altered:
        tell(f"{name}: The original is not what was put into the case, or is missing; the revision says so.")
    raise typer.Exit(1 if altered else 0)


def review_command(
    case: CaseArgument,
    reviewer: Annotated[str, typer.Option(metavar="NAME", help="Who reviews; never one of the authors.")],
    approved: Annotated[bool, typer.Option("--approve", help="The revision is right as it stands.")] = False,
    returned: Annotated[
        bool, typer.Option("--return", help="The authors have to go over it: say why in a note.")
    ] = False,
    note: Annotated[str, typer.Option(metavar="TEXT", help="In the reviewer's words.")] = "",
    revision: Annotated[int | None, typer.Option(metavar="N", help="Its number; default: the newest.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Say as a second person what you think of an issued revision; the newest review of it counts."""
    from forensic_gui.domain.reports.revision import Outcome

    if approved == returned:
        raise RequestError("Say one of --approve and --return.")
    if not reviewer.strip():
        raise RequestError("--reviewer is empty: give the full name of who reviews.")
    with open_case(case, author=reviewer) as session:
        number = _newest(session) if revision is None else revision
        review = session.reports.review(number, Outcome.APPROVED if approved else Outcome.RETURNED, note=note)
    if as_json:
        emit({"event": "report reviewed", **review.to_record()})
    else:
        tell(f"Revision {number} was {review.outcome} by {review.reviewer}.")


def revisions_command(case: CaseArgument, as_json: JsonOption = False) -> None:
    """Name the issued revisions of a case's report, and what reviewers said of them. Changes nothing."""
    with open_case(case, author=None, read_only=True) as session:
        revisions = session.reports.issues()
    if as_json:
        for record in _records(revisions):
            emit({"event": "revision", **record})
        return
    for line in _revision_lines(revisions):
        typer.echo(line)


def _write_template(case: Path, template: Path, *, replaces: bool, as_json: bool) -> None:
    from forensic_gui.services.reporting.forms import write_form

    with open_case(case, author=None, read_only=True) as session:
        opinion, name = session.reports.draft().opinion, session.info.name
    write_form(opinion, template, name=name, replaces=replaces)
    if as_json:
        emit({"event": "form written", "form": str(template)})
    else:
        tell(f"Wrote {template}: fill it in, then read it back with --from.")


def _named(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise RequestError(f"--set takes NAME=TEXT, as title=Harbour, and not «{text}».")
    return name.strip(), value


def _newest(session: CaseSession) -> int:
    revisions = session.reports.issues()
    if not revisions:
        raise RequestError("Nothing was issued yet that could be reviewed: `report issue` does that.")
    return revisions[-1].issue.number


def _language_remark(language: str) -> str:
    """What to know of a language that the program's own template does not have; "" of the others."""
    from forensic_gui.report.template import load_template

    own = load_template().languages
    if language in own:
        return ""
    return f"The program's own template has {' and '.join(own)}; a report in «{language}» needs a template of yours."


def _missing(draft: ReportDraft) -> str:
    names = ", ".join(draft.opinion.missing)
    return f"to be issued it lacks: {names}" if names else "it can be issued"


def _draft_record(draft: ReportDraft) -> dict[str, Any]:
    return {
        "opinion": draft.opinion.to_record(),
        "missing": list(draft.opinion.missing),
        "plan": draft.plan.to_record(),
        "revision": draft.revision,
        "authors": list(draft.authors),
    }


def _records(revisions: Sequence[IssuedRevision]) -> Iterator[Mapping[str, Any]]:
    for revision in revisions:
        yield {
            **revision.issue.to_record(),
            "record_sha256": revision.record_sha256,
            "reviews": [review.to_record() for review in revision.reviews],
            "is_signed_off": revision.is_signed_off,
            "is_superseded": revision is not revisions[-1],
        }


def _draft_lines(session: CaseSession, draft: ReportDraft) -> Iterator[str]:
    authors = f", by {', '.join(draft.authors)}" if draft.authors else ""
    changes = "1 change" if draft.revision == 1 else f"{draft.revision} changes"
    yield printable(f"{session.info.name}: the draft after {changes}{authors}; {_missing(draft)}")
    for name, text in draft.opinion.to_record().items():
        yield _field(name, text)
    plan = draft.plan
    yield _field("items", ", ".join(map(str, plan.item_ids)) or ALL_ITEMS)
    yield _field("parts", ", ".join(plan.parts))
    yield _field("pinned views", str(len(plan.pinned)))
    yield _field("language", plan.language)


def _field(name: str, text: str) -> str:
    lines = plain_lines(text).split("\n") if text.strip() else [_NOT_SUPPLIED]
    return f"  {name}: " + "\n    ".join(lines)


def _revision_lines(revisions: Sequence[IssuedRevision]) -> Iterable[str]:
    if not revisions:
        yield "Nothing was issued."
    for revision in revisions:
        issue = revision.issue
        state = (
            "superseded"
            if revision is not revisions[-1]
            else "signed off"
            if revision.is_signed_off
            else "not signed off"
        )
        yield printable(f"Revision {issue.number}, issued {issue.time} by {issue.author}: {state}")
        yield printable(f"  authors: {', '.join(issue.authors)}")
        if issue.reason:
            yield _field("reason", issue.reason)
        yield f"  SHA-256 of the record: {revision.record_sha256}"
        for review in revision.reviews:
            yield printable(f"  {review.outcome} {review.time} by {review.reviewer}") + (
                f": {plain_lines(review.note)}" if review.note else ""
            )
