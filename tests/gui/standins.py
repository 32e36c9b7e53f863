"""Services of the window that take their time, or as long as a test says."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from forensic_gui.domain.errors import EvidenceDamaged, EvidenceEmpty
from forensic_gui.domain.evidence import DecodedEvidence, DecodeFacts, Evidence
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.heatmap import Heatmap, Localization
from forensic_gui.services.ports import LocalizerInfo, Views
from forensic_gui.services.progress import CancelToken


@dataclass
class Pace:
    """How long the stand-ins take, in seconds; with `deaf` they do not look at the token, as a library's call does."""

    decode_s: float = 0.0
    localize_s: float = 0.0
    load_s: float = 0.0
    deaf: bool = False

    def wait(self, seconds: float, cancel: CancelToken | None) -> None:
        if self.deaf or cancel is None:
            time.sleep(seconds)
            return
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            cancel.raise_if_cancelled()
            time.sleep(0.005)
        cancel.raise_if_cancelled()


@dataclass
class StandInDecoder:
    """Makes pixels of the hash of a file's bytes; «broken» bytes are damaged, no bytes are empty."""

    pace: Pace
    calls: list[tuple[str, int | None, str]] = field(default_factory=list)
    size: Size = field(default_factory=lambda: Size(96, 64))
    closed: bool = False

    def decode(
        self, path: Path, *, page: int = 0, max_side_px: int | None = None, cancel: CancelToken | None = None
    ) -> DecodedEvidence:
        self.calls.append((path.name, max_side_px, threading.current_thread().name))
        self.pace.wait(self.pace.decode_s, cancel)
        data = path.read_bytes()
        if not data:
            raise EvidenceEmpty("The file is empty.")
        if data.startswith(b"broken"):
            error = EvidenceDamaged("The decoder could not make pixels of it.")
            error.sha256 = hashlib.sha256(data).hexdigest()
            raise error
        digest = hashlib.sha256(data).hexdigest()
        rng = np.random.default_rng(int(digest[:8], 16))
        pixels = np.broadcast_to(rng.integers(60, 200, 3, dtype=np.uint8), (*self.size.shape, 3)).copy()
        facts = DecodeFacts(
            format="JPEG",
            decoder="stand-in",
            decoder_version="1",
            stored=self.size,
            orientation=Orientation.UPRIGHT,
            mode="RGB",
            bit_depth=8,
        )
        evidence = Evidence(path, digest, len(data), "2024-01-01T00:00:00+00:00")
        return DecodedEvidence(evidence, facts, pixels, 0.001, 0.002)

    def close(self) -> None:
        self.closed = True


@dataclass
class StandInLocalizer:
    """A bright square in the middle, at least as strong as the first byte of the image says."""

    pace: Pace
    info: LocalizerInfo = field(
        default_factory=lambda: LocalizerInfo(
            "stand-in-224", "5" * 64, "stand-in", 0.4, "cpu", "numpy", {"input_side_px": 16}
        )
    )
    calls: int = 0

    def localize(
        self,
        pixels: np.ndarray,
        *,
        orientation: Orientation = Orientation.UPRIGHT,
        views: Views = Views.THOROUGH,
        inspect: bool = False,
        cancel: CancelToken | None = None,
    ) -> Localization:
        self.calls += 1
        self.pace.wait(self.pace.localize_s, cancel)
        grid = np.full((16, 16), 0.1, np.float32)
        grid[4:12, 4:12] = 0.5 + int(pixels[0, 0, 0]) / 512
        gate = np.full((16, 16), 0.3, np.float32)
        return Localization(Heatmap(grid, Size.of(pixels)), gate_map=gate, memory_response=gate)
