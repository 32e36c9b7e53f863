"""Peak memory: what an analysis of one image makes of this process and of the decoder's."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from forensic_gui.services.analyze import AnalyzeRequest, analyze
from forensic_gui.services.decoding import DecoderProcess
from forensic_gui.services.ports import Decoder, Localizer, Views

_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Peaks:
    """Largest resident memory so far, in bytes; None where this system does not say.

    Attributes:
        program: of this process.
        decoder: of the decoder's child process.
    """

    program: int | None
    decoder: int | None


def analyze_and_weigh(image: Path, *, decoder: Decoder, localizer: Localizer) -> Peaks:
    """Analyze an image with all files in the thorough view, in a process that has done nothing before.

    Args:
        image: the file.
        decoder: makes pixels of it; still open afterwards.
        localizer: makes scores of them.
    """
    with TemporaryDirectory(prefix="forensic-gui-benchmark-") as folder:
        request = AnalyzeRequest(paths=(image,), output=Path(folder), views=Views.THOROUGH)
        analyze(request, decoder=decoder, localizer=localizer)
    child = decoder.child_pid if isinstance(decoder, DecoderProcess) else None
    return Peaks(program=own_peak_bytes(), decoder=None if child is None else peak_bytes(child))


def peak_bytes(pid: int, *, read: Callable[[Path], str] = Path.read_text) -> int | None:
    """Largest resident memory of a running process, in bytes; None where there is no /proc.

    Args:
        pid: of a process that still runs.
        read: text of a file.
    """
    try:
        found = _PEAK.search(read(Path("/proc") / str(pid) / "status"))
    except OSError:
        return None
    return int(found[1]) * 1024 if found else None


def own_peak_bytes() -> int | None:
    """Largest resident memory of this process, in bytes; None on Windows.

    macOS has no /proc and is asked for its accounting of resources. On Linux that would not do: it counts what the
    parent had when it started this program.
    """
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak_bytes(os.getpid())
