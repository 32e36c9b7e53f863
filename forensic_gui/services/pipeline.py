"""Several images at once, in order: while one is written, the next is localized and the one after it decoded.

One thread decodes (waiting for the decoder's process), one localizes, a few encode; each of these leaves Python's
interpreter lock to the others while it works. What is in flight is bounded by count and by pixels.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from forensic_gui.domain.errors import Cancelled, ForensicError
from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.domain.finding import Product, ScoreSummary
from forensic_gui.domain.heatmap import Localization
from forensic_gui.services import artifacts, rendering
from forensic_gui.services.ports import Decoder, Localizer, Views
from forensic_gui.services.progress import CancelToken
from forensic_gui.storage.atomic import StagedFile

IN_FLIGHT = 3  # one decoding, one with the localizer, one with the encoders
PIXELS_IN_FLIGHT = 64_000_000
_POLL_S = 0.05

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """What is done to every image.

    Attributes:
        page: page or frame of multi-page files, from 0.
        views: views the localizer looks at.
        threshold: model score above which (strictly) a pixel counts.
        products: files to stage, in this order.
        style: how overlays are drawn.
        name: final path of a product of an image; called in the order of the input.
    """

    page: int
    views: Views
    threshold: float
    products: tuple[Product, ...]
    style: artifacts.OverlayStyle
    name: Callable[[DecodedEvidence], Callable[[Product], Path]]


@dataclass(frozen=True, slots=True, eq=False)
class Processed:
    """One image, ready to be recorded.

    Attributes:
        decoded: the evidence.
        localization: what the localizer returned.
        scores: summary of the scores.
        share_over_threshold: share of pixels strictly over the threshold.
        files: complete files beside their places, for the caller to commit or discard.
        seconds: seconds by stage.
        started: `time.perf_counter` when work on the image began.
    """

    decoded: DecodedEvidence
    localization: Localization
    scores: ScoreSummary
    share_over_threshold: float
    files: Mapping[Product, StagedFile]
    seconds: Mapping[str, float]
    started: float


@dataclass(frozen=True, slots=True, eq=False)
class _Decoded:
    evidence: DecodedEvidence
    path_of: Callable[[Product], Path]
    started: float


@dataclass(frozen=True, slots=True, eq=False)
class _Localized:
    """An image whose scores are known and whose files are on their way."""

    source: _Decoded
    localization: Localization
    summary: Future[tuple[tuple[ScoreSummary, float], float]]
    files: Mapping[Product, Future[tuple[StagedFile, float]]]


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """An image in flight."""

    path: Path
    ticket: object
    localized: Future[_Localized]


class Pipeline:
    """Runs images through decoder, localizer and encoders; a context manager that leaves no thread and no part file."""

    def __init__(
        self, settings: PipelineSettings, *, decoder: Decoder, localizer: Localizer, cancel: CancelToken
    ) -> None:
        self._settings = settings
        self._decoder = decoder
        self._localizer = localizer
        self._cancel = cancel
        self._gate = _PixelGate(PIXELS_IN_FLIGHT, cancel)
        self._jobs: list[Job] = []
        self._decoding = ThreadPoolExecutor(1, thread_name_prefix="decode")
        self._localizing = ThreadPoolExecutor(1, thread_name_prefix="localize")
        self._encoding = ThreadPoolExecutor(max(2, min(4, os.cpu_count() or 2)), thread_name_prefix="encode")

    @property
    def is_full(self) -> bool:
        """Whether a result must be collected before the next image is submitted."""
        return len(self._jobs) >= IN_FLIGHT

    def submit(self, path: Path) -> Job:
        """Start work on an image."""
        ticket = object()
        decoded = self._decoding.submit(self._decode, path, ticket)
        job = Job(path, ticket, self._localizing.submit(self._localize, decoded))
        self._jobs.append(job)
        return job

    def collect(self, job: Job) -> Processed:
        """Wait for an image and let the next one in.

        Raises:
            ForensicError: why it could not be analyzed; none of its files is left.
            Cancelled: stopping was asked for; leaving the context removes its files.
        """
        try:
            self._wait([job.localized])
            localized = job.localized.result()
            self._wait([localized.summary, *localized.files.values()])
            processed = _processed(localized)
        except ForensicError:
            self._leave(job)
            _discard(job)
            raise
        self._leave(job)
        return processed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._gate.close()
        # In this order: localizing submits to encoding.
        for pool in (self._decoding, self._localizing, self._encoding):
            pool.shutdown(wait=True, cancel_futures=True)
        for job in self._jobs:
            _discard(job)

    def _decode(self, path: Path, ticket: object) -> _Decoded:
        self._gate.wait_for_room()
        started = time.perf_counter()
        evidence = self._decoder.decode(path, page=self._settings.page, cancel=self._cancel)
        self._gate.enter(ticket, evidence.facts.stored.pixels)
        return _Decoded(evidence, self._settings.name(evidence), started)

    def _localize(self, decoding: Future[_Decoded]) -> _Localized:
        source = decoding.result()
        self._cancel.raise_if_cancelled()
        facts = source.evidence.facts
        localization = self._localizer.localize(
            source.evidence.pixels, orientation=facts.orientation, views=self._settings.views, cancel=self._cancel
        )
        artwork = artifacts.Artwork(
            pixels=source.evidence.pixels,
            heatmap=localization.heatmap,
            orientation=facts.orientation,
            threshold=self._settings.threshold,
            evidence_sha256=source.evidence.evidence.sha256,
            weights_sha256=self._localizer.info.weights_sha256,
            style=self._settings.style,
        )
        files = {
            product: self._encoding.submit(
                _timed, artifacts.stage, source.path_of(product), product=product, artwork=artwork, cancel=self._cancel
            )
            for product in self._settings.products
        }
        summary = self._encoding.submit(
            _timed,
            rendering.summarize,
            localization.heatmap,
            threshold=self._settings.threshold,
            cancel=self._cancel,
        )
        return _Localized(source, localization, summary, files)

    def _wait(self, futures: Sequence[Future[Any]]) -> None:
        """Wait for all, looking at the token; on Windows a wait without a time-out would also keep Ctrl-C out."""
        while wait(futures, timeout=_POLL_S).not_done:
            self._cancel.raise_if_cancelled()

    def _leave(self, job: Job) -> None:
        self._jobs.remove(job)
        self._gate.leave(job.ticket)


class _PixelGate:
    """Holds the next decode back while too many pixels are in flight; a single image may exceed the limit."""

    def __init__(self, limit: int, cancel: CancelToken) -> None:
        self._limit = limit
        self._cancel = cancel
        self._changed = threading.Condition()
        self._pixels: dict[object, int] = {}
        self._closed = False

    def wait_for_room(self) -> None:
        with self._changed:
            while not self._closed and sum(self._pixels.values()) >= self._limit:
                self._cancel.raise_if_cancelled()
                self._changed.wait(_POLL_S)
            if self._closed:
                raise Cancelled

    def enter(self, ticket: object, pixels: int) -> None:
        with self._changed:
            self._pixels[ticket] = pixels

    def leave(self, ticket: object) -> None:
        with self._changed:
            self._pixels.pop(ticket, None)
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def _timed(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> tuple[T, float]:
    started = time.perf_counter()
    result = work(*args, **kwargs)
    return result, time.perf_counter() - started


def _processed(localized: _Localized) -> Processed:
    """Put together what all stages returned, or raise what the first of them raised."""
    (scores, share), render_seconds = localized.summary.result()
    files = {product: future.result() for product, future in localized.files.items()}
    decoded = localized.source.evidence
    return Processed(
        decoded=decoded,
        localization=localized.localization,
        scores=scores,
        share_over_threshold=share,
        files={product: file for product, (file, _) in files.items()},
        seconds={
            "hash": decoded.hash_seconds,
            "decode": decoded.decode_seconds,
            **localized.localization.stage_seconds,
            "render": render_seconds,
            **{f"encode_{product.value}": seconds for product, (_, seconds) in files.items()},
        },
        started=localized.source.started,
    )


def _discard(job: Job) -> None:
    """Remove the files of an image whose stages have all ended."""
    if not _succeeded(job.localized):
        return
    for future in job.localized.result().files.values():
        if _succeeded(future):
            future.result()[0].discard()


def _succeeded(future: Future[Any]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None
