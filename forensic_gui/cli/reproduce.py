"""`forensic-gui reproduce`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forensic_gui.cli.case import open_case
from forensic_gui.cli.interrupts import cancel_on_signal
from forensic_gui.cli.options import AuthorOption, DeviceOption, JsonOption, ProgressOption
from forensic_gui.cli.output import ProgressStyle, emit, paragraphs, printable, progress_view, tell
from forensic_gui.domain.errors import ReportError, RequestError

if TYPE_CHECKING:
    from forensic_gui.services.case import CaseSession
    from forensic_gui.services.checking.embedded import EmbeddedRecord
    from forensic_gui.services.progress import CancelToken
    from forensic_gui.services.reproducing.recorded import Subject
    from forensic_gui.services.reproducing.reproduce import ItemReproduction

HELP = """Compute findings again from a report or a case, and say how far they are the same.

REPORT is a report of this program (PDF or HTML), CASE a case, whose newest findings are repeated. Originals are found
by SHA-256: in the case, or else in the files and folders of --evidence; without a case, then where they were once.
Where the case's copy is altered or missing, only --evidence puts another one in its place. Which file was read is said.
Weights are found by their SHA-256 too; others are not run, whatever they are called.

The same device, runtime and versions give the same bytes. Elsewhere a finding is the same within tolerances that are
stated with each; what differed in the making is named. Numbers that a report states are computed again from its masks.

EXIT STATUS: 0 every finding was repeated, byte by byte or within tolerance; 1 one was not, or is different; 2 the call
was wrong, or there is nothing to repeat; 130 stopped by Ctrl-C.
"""

_OTHER_HASH = "The report's first page prints another hash than that of its record; the record is what is repeated."


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("reproduce", help=paragraphs(HELP))(reproduce_command)


def reproduce_command(
    source: Annotated[Path, typer.Argument(help="A report, or the folder of a case.", metavar="REPORT|CASE")],
    evidence: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="File or folder in which originals are looked for; can be repeated."),
    ] = None,
    case: Annotated[
        Path | None, typer.Option(metavar="CASE", help="The case of the report, for its originals and whole heatmaps.")
    ] = None,
    weights: Annotated[
        list[Path] | None,
        typer.Option(metavar="FOLDER", help="Folder with weights, beside those of `weights list`; can be repeated."),
    ] = None,
    device: DeviceOption = "auto",
    items: Annotated[str | None, typer.Option(metavar="NUMBERS", help="Only these items, as 3,1,2.")] = None,
    author: AuthorOption = None,
    progress: ProgressOption = ProgressStyle.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Repeat, and say what came of it."""
    from forensic_gui.services.reproducing.reproduce import REPRODUCED

    with _sources(source, case, author=author) as sources, cancel_on_signal() as cancel:
        subjects = sources.subjects(_numbers(items))
        if all(subject.finding is None for subject in subjects):
            raise RequestError("There is no finding here that could be repeated.")
        places = _Places(tuple(evidence or ()), tuple(weights or ()))
        found = _run(sources, subjects, places, device=device, progress=progress, cancel=cancel)
        session = sources.session
        if session is not None and not session.info.read_only:
            session.note(REPRODUCED, subject=sources.record_sha256, details=_details(source, found))
    is_good = all(each.is_good for each in found)
    if as_json:
        emit({"event": "reproduced", "source": str(source), "record_sha256": sources.record_sha256,
              "is_reproduced": is_good, "items": [each.to_record() for each in found]})  # fmt: skip
    else:
        _print(found)
    raise typer.Exit(0 if is_good else 1)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where originals and weights are looked for, beside where they usually are."""

    evidence: tuple[Path, ...]
    weights: tuple[Path, ...]

    def __post_init__(self) -> None:
        for path in (*self.evidence, *self.weights):
            if not path.exists():
                raise RequestError(f"There is nothing at {path}.")


@dataclass(frozen=True, slots=True)
class _Sources:
    """What is repeated, and the case where there is one."""

    session: CaseSession | None
    embedded: EmbeddedRecord | None

    @property
    def record_sha256(self) -> str:
        """Of the report's record; "" of a case."""
        return "" if self.embedded is None else self.embedded.sha256

    def subjects(self, numbers: Sequence[int]) -> tuple[Subject, ...]:
        """Findings to be repeated."""
        from forensic_gui.services.reproducing.subjects import chosen, subjects_of_case, subjects_of_record, with_case

        if self.embedded is None:
            assert self.session is not None
            return subjects_of_case(self.session, numbers)
        record = self.embedded.record
        if record is None:
            raise ReportError(self.embedded.problem)
        if self.embedded.problem:
            tell(self.embedded.problem)
        if not self.embedded.prints_hash:
            tell(f"{_OTHER_HASH} «report verify» says more.")
        subjects = subjects_of_record(record)
        return chosen(subjects if self.session is None else with_case(subjects, record, self.session), numbers)

    def vault(self) -> dict[str, Path] | None:
        """Where the case keeps originals, by their hash; None without a case."""
        if self.session is None:
            return None
        paths = self.session.originals()
        return {item.sha256: paths[item.id] for item in self.session.items()}


@contextmanager
def _sources(source: Path, case: Path | None, *, author: str | None) -> Iterator[_Sources]:
    if source.is_dir():
        if case is not None:
            raise RequestError("--case belongs to a report; a case is named by itself.")
        with open_case(source, author=author, only_records="repetition") as session:
            yield _Sources(session, None)
        return
    from forensic_gui.services.checking.embedded import read_embedded
    from forensic_gui.services.checking.verify import read_report

    embedded = read_embedded(read_report(source))
    opened = nullcontext() if case is None else open_case(case, author=author, only_records="repetition")
    with opened as session:
        yield _Sources(session, embedded)


def _run(
    sources: _Sources,
    subjects: Sequence[Subject],
    places: _Places,
    *,
    device: str,
    progress: ProgressStyle,
    cancel: CancelToken,
) -> tuple[ItemReproduction, ...]:
    from forensic_gui.services import bootstrap
    from forensic_gui.services.reproducing.originals import Originals
    from forensic_gui.services.reproducing.reproduce import Reproducer

    originals = Originals(vault=sources.vault(), evidence=places.evidence, cancel=cancel)
    weights = bootstrap.weights_by_hash(device=device, further=places.weights)
    with closing(bootstrap.open_decoder()) as decoder, progress_view(progress, title="Repeating") as sink:
        return Reproducer(decoder, weights, originals, cancel).reproduce(subjects, progress=sink)


def _numbers(text: str | None) -> tuple[int, ...]:
    try:
        return () if text is None else tuple(int(each) for each in text.split(","))
    except ValueError as error:
        raise RequestError(f"--items takes numbers of items, as 3,1,2; not «{text}».") from error


def _details(source: Path, found: Sequence[ItemReproduction]) -> dict[str, Any]:
    return {
        "source": source.name,
        "outcomes": dict(Counter(each.outcome.value for each in found)),
        "items": [_detail(each) for each in found],
    }


def _detail(result: ItemReproduction) -> dict[str, Any]:
    original = result.original
    detail: dict[str, Any] = {"item": result.item_id, "outcome": result.outcome.value, "is_good": result.is_good}
    return detail if original is None else {**detail, "original": original.to_record()}


def _print(found: Sequence[ItemReproduction]) -> None:
    for each in found:
        typer.echo(printable(f"item {each.item_id} {each.name}: {_said(each)}"))
        if each.original is not None:
            typer.echo(printable(f"    {each.original.sentence}"))
        for sentence in each.differing:
            typer.echo(printable(f"    {sentence}"))
        for sentence in each.false_claims:
            typer.echo(printable(f"    WRONG in the record: {sentence}"))
    counts = Counter(each.outcome.value for each in found)
    typer.echo(", ".join(f"{count} {outcome}" for outcome, count in counts.items()) + ".")


def _said(result: ItemReproduction) -> str:
    from forensic_gui.services.reproducing.reproduce import Outcome

    comparison, tolerance = result.comparison, result.tolerance
    if comparison is None or tolerance is None:
        return f"{result.outcome}: {result.reason}" if result.reason else f"{result.outcome}."
    if result.outcome is Outcome.IDENTICAL:
        return f"{result.outcome}."
    masks = "" if comparison.iou is None else f", IoU of the masks {comparison.iou:.6f}"
    measured = "" if tolerance.is_measured else ", which was not measured"
    return (
        f"{result.outcome} (largest difference of the {comparison.compared} {comparison.max_score:.2e}, "
        f"mean {comparison.mean_score:.2e}{masks}, of the scores' summary {comparison.summary:.2e}; "
        f"tolerance {tolerance.max_score:.0e}, mean {tolerance.mean_score:.0e}, IoU {tolerance.iou:g}{measured})."
    )
