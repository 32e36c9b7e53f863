"""Analyze evidence files: a finding for each, and the pictures asked for."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from forensic_gui.domain.errors import (
    Cancelled,
    EvidenceError,
    ForensicError,
    OutputError,
    OutputExhausted,
    RequestError,
)
from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.domain.finding import Failure, Finding, Product
from forensic_gui.domain.heatmap import Localization
from forensic_gui.domain.suitability import Oddity, sentences
from forensic_gui.services.artifacts import SUFFIXES, OverlayStyle, file_name, output_file
from forensic_gui.services.findings_log import FindingLine, FindingsLog
from forensic_gui.services.listing import ListedFile, SkippedFile, count_evidence, find_evidence
from forensic_gui.services.naming import Owner, StemNames
from forensic_gui.services.outputs import require_outside_cases
from forensic_gui.services.pipeline import Job, Pipeline, PipelineSettings, Processed
from forensic_gui.services.ports import Decoder, Localizer, LocalizerInfo, Views
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink, ignore_progress
from forensic_gui.services.recording import Measured, describe_environment, make_finding
from forensic_gui.services.suiting import remarks_on_evidence
from forensic_gui.storage.atomic import commit_together

Keep: TypeAlias = Callable[[Finding, Localization], None]
"""Told of every finding before its files are in place; what it raises is a failure of this image."""


@dataclass(frozen=True, slots=True)
class AnalyzeRequest:
    """What to analyze, how, and where results go.

    Attributes:
        paths: files and folders; folders recurse.
        output: folder for findings.jsonl and the files; made if need be. What lies in it is not analyzed, unless it
            holds or is one of `paths`: then only this program's own files in it are left out.
        views: views the localizer looks at.
        threshold: model score in [0, 1]; None for the weights' own.
        products: files to write for each image.
        page: page or frame of multi-page files, from 0.
        style: how overlays are drawn.

    Raises:
        RequestError: these contradict each other.
    """

    paths: tuple[Path, ...]
    output: Path
    views: Views = Views.THOROUGH
    threshold: float | None = None
    products: frozenset[Product] = frozenset(Product)
    page: int = 0
    style: OverlayStyle = field(default_factory=OverlayStyle)

    def __post_init__(self) -> None:
        if not self.paths:
            raise RequestError("Name at least one file or folder to analyze.")
        if self.threshold is not None and not 0.0 <= self.threshold <= 1.0:
            raise RequestError(f"A threshold is a model score from 0 to 1, not {self.threshold:g}.")
        if self.page < 0:
            raise RequestError(f"Pages are counted from 0: there is no page {self.page}.")


@dataclass(frozen=True, slots=True)
class AnalyzeSummary:
    """How a run ended.

    Attributes:
        analyzed: images whose finding is recorded.
        failures: files that could not be analyzed, in the order of the input.
        skipped: links, special files and unreadable folders met in folders.
        other: files in folders that were not opened, because by their name they are no photographs; 0 where the run
            ended early.
        cancelled: whether stopping was asked for before the end.
        stopped: why the run ended early by itself, a sentence; None when it went through.
        findings: the findings.jsonl.
        odd: how many of the images analyzed are unlike those that the weights were trained on, and in what.
        remarks: what was remarked on the first such image, a sentence each.
    """

    analyzed: int
    failures: tuple[Failure, ...]
    skipped: tuple[Failure, ...]
    other: int
    cancelled: bool
    stopped: str | None
    findings: Path
    odd: Mapping[Oddity, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def analyze(
    request: AnalyzeRequest,
    *,
    decoder: Decoder,
    localizer: Localizer,
    keep: Keep = lambda _finding, _localization: None,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> AnalyzeSummary:
    """Analyze every image of a request, in order.

    A finding is recorded once the image's files are in place. A file that cannot be analyzed is reported and the rest
    done. `progress` is called on the caller's thread.

    Args:
        request: what to analyze.
        decoder: makes pixels of files.
        localizer: makes model scores of pixels.
        keep: keeps findings elsewhere too, as a case does.
        progress: told of every file.
        cancel: stops the run within a second; what was recorded stays, nothing partial does.

    Raises:
        OutputError: the output folder cannot be used.
        RequestError: it lies in a case.
    """
    token = cancel or CancelToken()
    require_outside_cases(request.output)
    with FindingsLog(request.output) as log:
        settings = PipelineSettings(
            page=request.page,
            views=request.views,
            threshold=_threshold(request, localizer.info),
            products=tuple(product for product in SUFFIXES if product in request.products),
            style=request.style,
            name=_file_names(request, log),
        )
        with (
            _counting(request, log.outputs) as total,
            Pipeline(settings, decoder=decoder, localizer=localizer, cancel=token) as pipeline,
        ):
            report = _Reporter(progress, total)
            run = _Run(request, info=localizer.info, log=log, pipeline=pipeline, report=report, keep=keep)
            return run.through(token)


class _Run:
    """One run: what is in flight, and what became of the rest."""

    def __init__(
        self,
        request: AnalyzeRequest,
        *,
        info: LocalizerInfo,
        log: FindingsLog,
        pipeline: Pipeline,
        report: _Reporter,
        keep: Keep,
    ) -> None:
        self._request = request
        self._info = info
        self._log = log
        self._pipeline = pipeline
        self._report = report
        self._keep = keep
        self._in_flight: deque[Job | Failure] = deque()
        self._failures: list[Failure] = []
        self._skipped: list[Failure] = []
        self._analyzed = 0
        self._odd: Counter[Oddity] = Counter()
        self._first_remarks: tuple[str, ...] = ()
        self._environment = describe_environment()

    def through(self, cancel: CancelToken) -> AnalyzeSummary:
        """Work until the end of the input, or until stopped."""
        stopped, other = None, 0
        try:
            self._work(cancel)
            other = _other_files(self._request)
        except Cancelled:
            assert cancel.is_cancelled
        except OutputError as error:
            stopped = str(error)
        return AnalyzeSummary(
            analyzed=self._analyzed,
            failures=tuple(self._failures),
            skipped=tuple(self._skipped),
            other=other,
            cancelled=cancel.is_cancelled,
            stopped=stopped,
            findings=self._log.path,
            odd=dict(self._odd),
            remarks=self._first_remarks,
        )

    def _work(self, cancel: CancelToken) -> None:
        for found in wanted_evidence(self._request, self._log.outputs):
            cancel.raise_if_cancelled()
            if isinstance(found, ListedFile):
                while self._pipeline.is_full:
                    self._finish_first()
                self._in_flight.append(self._pipeline.submit(found.path))
            elif found.explicit:
                self._in_flight.append(_failure(found.path, found.error))  # told in its turn
            else:
                self._skipped.append(_failure(found.path, found.error))
        while self._in_flight:
            self._finish_first()

    def _finish_first(self) -> None:
        first = self._in_flight.popleft()
        if isinstance(first, Failure):
            self._fail(first)
            return
        self._report.started(first.path)
        try:
            self._record(self._pipeline.collect(first))
        except ForensicError as error:
            self._fail(_failure(first.path, error))
            if isinstance(error, OutputExhausted):
                raise
            return
        self._analyzed += 1
        self._report.finished(first.path)

    def _record(self, processed: Processed) -> None:
        """Put an image's files in place, then its line; where either fails, neither is there."""
        files = processed.files
        remarks = remarks_on_evidence(processed.decoded, self._info)
        try:
            finding = make_finding(
                processed.decoded,
                _measured(processed),
                localizer=self._info,
                views=self._request.views,
                threshold=self._request.threshold,
                environment=self._environment,
                remarks=sentences(remarks),
                rendering=self._request.style.to_parameters() if Product.OVERLAY in files else None,
                outputs=tuple(output_file(product, file) for product, file in files.items()),
            )
            line = FindingLine.of(finding)
            self._keep(finding, processed.localization)
            commit_together(files.values())
        except BaseException:
            for file in files.values():
                file.discard()
            raise
        try:
            self._log.append(line)
        except BaseException:
            for file in files.values():
                file.path.unlink(missing_ok=True)
            raise
        self._odd.update(remark.oddity for remark in remarks)
        self._first_remarks = self._first_remarks or sentences(remarks)

    def _fail(self, failure: Failure) -> None:
        self._failures.append(failure)
        self._report.failed(failure)


class _Reporter:
    """Counts, and tells the progress sink."""

    def __init__(self, progress: ProgressSink, total: Callable[[], int | None]) -> None:
        self._progress = progress
        self._total = total
        self._done = 0
        self._failed = 0

    def started(self, path: Path) -> None:
        self._tell(path, "started")

    def finished(self, path: Path) -> None:
        self._done += 1
        self._tell(path, "finished")

    def failed(self, failure: Failure) -> None:
        self._done += 1
        self._failed += 1
        self._tell(failure.path, "failed", failure.message)

    def _tell(self, path: Path, kind: Literal["started", "finished", "failed"], message: str = "") -> None:
        total = self._total()
        # Files may have come since they were counted.
        known = None if total is None else max(total, self._done)
        self._progress(ProgressEvent(self._done, known, self._failed, str(path), kind, message))


@contextmanager
def _counting(request: AnalyzeRequest, outputs: Set[str]) -> Iterator[Callable[[], int | None]]:
    """Count the input on the side: a slow disk must not keep the first image waiting."""
    leave = threading.Event()
    counted: list[int] = []

    def count() -> None:
        number = 0
        for found in wanted_evidence(request, outputs):
            if leave.is_set():
                return
            number += isinstance(found, ListedFile) or found.explicit
        counted.append(number)

    thread = threading.Thread(target=count, name="count evidence", daemon=True)
    thread.start()
    try:
        yield lambda: counted[0] if counted else None
    finally:
        leave.set()
        thread.join()


def wanted_evidence(request: AnalyzeRequest, outputs: Set[str]) -> Iterator[ListedFile | SkippedFile]:
    """What `find_evidence` lists, less what lies in the output folder.

    Args:
        request: the run.
        outputs: names of this program's files in the output folder.
    """
    output = request.output.resolve()
    named = frozenset(request.paths)
    for found in find_evidence(request.paths):
        if isinstance(found, SkippedFile) or found.path in named or not _is_result(found, output, outputs):
            yield found


def _is_result(found: ListedFile, output: Path, outputs: Set[str]) -> bool:
    folder = found.path.parent.resolve()
    if not folder.is_relative_to(output):
        return False
    # Pointed into or at the output folder by the caller: then it also holds evidence.
    if found.root.resolve().is_relative_to(output):
        return folder == output and found.path.name in outputs
    return True


def _other_files(request: AnalyzeRequest) -> int:
    """Files passed over for their name, less our own."""
    output = request.output.resolve()
    folders = [path.resolve() for path in request.paths if path.is_dir()]
    if output in folders:
        own = 1  # findings.jsonl: the rest of the folder is the caller's
    elif any(output.is_relative_to(folder) for folder in folders):
        own = count_evidence([request.output]).other
    else:
        own = 0
    return count_evidence(request.paths).other - own


def _threshold(request: AnalyzeRequest, info: LocalizerInfo) -> float:
    return info.threshold_of(request.views) if request.threshold is None else request.threshold


def _file_names(request: AnalyzeRequest, log: FindingsLog) -> Callable[[DecodedEvidence], Callable[[Product], Path]]:
    """A function that gives every image, in the order of the input, the paths of its files."""

    def is_free(stem: str) -> bool:
        files = (file_name(stem, product) for product in Product)
        return all(file in log.outputs or not os.path.lexists(request.output / file) for file in files)

    names = StemNames(log.owners, is_free=is_free)

    def name(decoded: DecodedEvidence) -> Callable[[Product], Path]:
        evidence = decoded.evidence
        stem = names.take(evidence.path.stem, Owner(evidence.sha256, decoded.facts.page))
        return lambda product: request.output / file_name(stem, product)

    return name


def _measured(processed: Processed) -> Measured:
    return Measured(
        scores=processed.scores,
        share_over_threshold=processed.share_over_threshold,
        tiles=processed.localization.tiles,
        seconds={**processed.seconds, "total": time.perf_counter() - processed.started},
    )


def _failure(path: Path, error: ForensicError) -> Failure:
    sha256 = error.sha256 if isinstance(error, EvidenceError) else None
    return Failure(path, type(error).__name__, str(error), sha256)
