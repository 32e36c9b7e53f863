"""How long a report of many items takes, and how much memory, against reading the originals alone.

    python tests/benchmarks/report_of_many_items.py [--items 1000] [--width 4000 --height 3000] [--form pdf]

Makes a case of photographs from seeds with findings, regions and embedded thumbnails, no localizer needed, and runs
`forensic-gui report CASE -o FILE` on two cores in a process of its own. Peak memory is the largest sum of resident
memory over the process and all that it started, seen every 50 ms: pages that they share count once for each. Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

CHECKOUT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "models")]

from forensic_gui.domain.finding import ScoreSummary, WeightsUsed  # noqa: E402
from forensic_gui.domain.geometry import Size  # noqa: E402
from forensic_gui.domain.heatmap import Heatmap  # noqa: E402
from forensic_gui.domain.reports.opinion import Level, Opinion  # noqa: E402
from forensic_gui.resources import resources_folder  # noqa: E402
from forensic_gui.services.benchmark.pictures import make_photograph  # noqa: E402
from forensic_gui.services.case import CaseSession  # noqa: E402
from forensic_gui.services.decoding import DecoderPool, DecoderProcess, default_command  # noqa: E402
from forensic_gui.services.rendering import summarize  # noqa: E402
from tests.forensic_gui.services.reporting.made_cases import (  # noqa: E402
    THRESHOLD,
    box_mask,
    draw,
    put_finding,
    with_segment,
    with_thumbnail,
)

MOST_SECONDS, MOST_MB, CORES = 60.0, 1000.0, 2
_SEEDS, _COMMENT = 6, 0xFE
_CELL_PX = 4
_REGION_EVERY = 4
_SAMPLE_S = 0.05


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of the command took.

    Attributes:
        seconds: wall time, from the start of the process to its end.
        peak_mb: megabytes, see above.
        report_mb: megabytes of the file.
        cpu_seconds: of all its processes; two cores cannot take less than half of it.
        other_seconds: of processor time that the rest of the machine took meanwhile.
    """

    seconds: float
    peak_mb: float
    report_mb: float
    cpu_seconds: float
    other_seconds: float


def main() -> int:
    """Make, measure, print; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--width", type=int, default=1600)
    parser.add_argument("--height", type=int, default=1200)
    parser.add_argument("--form", choices=["pdf", "html"], default="pdf")
    parser.add_argument("--case", type=Path, help="where the case is made, and used again where it is there")
    parser.add_argument("--issued", action="store_true", help="the issued revision in place of the draft")
    chosen = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory(prefix="report-benchmark-") as folder:
        case = chosen.case or Path(folder) / "Many.case"
        if not case.exists():
            say(f"making a case of {chosen.items} items of {chosen.width}x{chosen.height} pixels")
            make_case(case, items=chosen.items, size=Size(chosen.width, chosen.height))
        if chosen.issued:
            issue(case)
        floor = floor_of(case)
        run = measured(case, Path(folder) / f"report.{chosen.form}")
    fits = (run.seconds < MOST_SECONDS, run.peak_mb < MOST_MB)
    say(json.dumps({"items": chosen.items, "width": chosen.width, "height": chosen.height, "form": chosen.form}))
    say(f"seconds   {run.seconds:7.1f}   target {MOST_SECONDS:g}: {'yes' if fits[0] else 'no'}")
    say(f"CPU s     {run.cpu_seconds:7.1f}   of all its processes; the rest of the machine: {run.other_seconds:.1f}")
    say(f"floor     {floor:7.1f}   hashing and reduced decoding alone, same processes: {run.seconds / floor:.1f} times")
    say(f"peak MB   {run.peak_mb:7.0f}   target {MOST_MB:g}: {'yes' if fits[1] else 'no'}")
    say(f"report MB {run.report_mb:7.1f}")
    return 0 if all(fits) else 1


def make_case(folder: Path, *, items: int, size: Size) -> None:
    """A case of photographs, each other bytes, with findings of the shipped weights."""
    files = [photograph(size, seed) for seed in range(_SEEDS)]
    responses, weights = [Response.of(size, seed) for seed in range(_SEEDS)], shipped_weights()
    with (
        tempfile.TemporaryDirectory(prefix="report-photographs-") as made,
        CaseSession.create(folder, author="Ada") as case,
    ):
        for number in range(items):
            path = Path(made) / f"IMG_{number:05}.jpg"
            path.write_bytes(with_segment(files[number % _SEEDS], _COMMENT, f"number {number}".encode()))
            case.add([path])
            path.unlink()
            annotate(case, number + 1, size, responses[number % _SEEDS], weights)
        case.reports.write(
            opinion=Opinion(
                title="Many photographs",
                first_proposition="One of them was altered",
                second_proposition="None was altered",
                level=Level.INCONCLUSIVE,
                reasons="A benchmark concludes nothing.",
            )
        )


def photograph(size: Size, seed: int) -> bytes:
    """A JPEG with an embedded thumbnail."""
    pixels = make_photograph(size.width, size.height, seed=seed)
    thumbnail = cv2.resize(pixels, (160, 120), interpolation=cv2.INTER_AREA)
    return with_thumbnail(jpeg(pixels), jpeg(thumbnail))


def jpeg(pixels: NDArray[np.uint8]) -> bytes:
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])
    return data.tobytes()


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """What a localizer would say of a photograph: its scores' grid, and their summary with the share over 0.5."""

    grid: NDArray[np.float32]
    summary: tuple[ScoreSummary, float]

    @classmethod
    def of(cls, size: Size, seed: int) -> Response:
        grid = response(size, seed=seed)
        return cls(grid, summarize(Heatmap(grid, size), threshold=THRESHOLD))


def annotate(case: CaseSession, item_id: int, size: Size, said: Response, weights: WeightsUsed) -> None:
    """A finding on the grid that the thorough view has, and a region on every fourth item."""
    put_finding(case, item_id, size, said.grid, summary=said.summary, weights=weights, views="thorough")
    if item_id % _REGION_EVERY == 0:
        part = box_mask(
            size, left=size.width // 4, top=size.height // 4, width=size.width // 5, height=size.height // 6
        )
        draw(case, item_id, part, region_id=f"region-{item_id}")


def shipped_weights() -> WeightsUsed:
    card = json.loads((resources_folder() / "weights" / "boxprompt-joint.json").read_text("utf-8"))
    return WeightsUsed(card["id"], card["sha256"], card["architecture"])


def response(size: Size, *, seed: int) -> NDArray[np.float32]:
    """Scores with a few spots over the threshold, and a little noise: float32 (h, w) in [0, 1]."""
    rows, columns = size.height // _CELL_PX, size.width // _CELL_PX
    draws = np.random.default_rng(seed)
    coarse = draws.random((12, 16), dtype=np.float32) ** 6
    grid = cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC)
    grid += draws.normal(0, 0.01, grid.shape).astype(np.float32)
    return np.clip(grid, 0, 1)


def issue(case: Path) -> None:
    """Issue the draft, once."""
    from forensic_gui.services import bootstrap
    from forensic_gui.services.reporting.issuing import issue_report

    with CaseSession.open(case, author="Ada") as session, bootstrap.report_ports() as ports:
        if not session.reports.issues():
            issue_report(session, ports=ports)


def floor_of(case: Path) -> float:
    """Seconds that hashing every original and decoding it as small as its pictures are takes, nothing else."""
    with CaseSession.open(case, author="Ada", read_only=True) as session:
        originals = list(session.originals().values())
    with DecoderPool([DecoderProcess(default_command()) for _ in range(CORES)]) as decoders:
        for original in originals[:CORES]:
            decoders.decode(original, max_side_px=640)  # the processes are there
        started = time.perf_counter()
        with ThreadPoolExecutor(CORES) as pool:
            for _ in pool.map(lambda path: decoders.decode(path, max_side_px=640), originals):
                pass
        return time.perf_counter() - started


def measured(case: Path, output: Path) -> Run:
    """Run the command and watch it."""
    command = [sys.executable, "-m", "forensic_gui", "report", str(case), "-o", str(output)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path[:2])}
    before, busy = resource.getrusage(resource.RUSAGE_CHILDREN), busy_seconds()
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment)
    with watching(process.pid) as peak:
        status = process.wait()
        seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"the command ended with status {status}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    others = max(0.0, busy_seconds() - busy - cpu)
    return Run(seconds, peak() / 1e6, output.stat().st_size / 1e6, cpu, others)


def busy_seconds() -> float:
    """Seconds that all processors of the machine were busy since it started."""
    user, nice, system, _, _, irq, softirq, *_ = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


class watching:  # noqa: N801 - reads as a verb
    """The largest memory of a process and its offspring while the context lasts."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Callable[[], int]:
        self._thread.start()
        return lambda: self._peak

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_SAMPLE_S):
            self._peak = max(self._peak, sum(map(resident_bytes, family(self._pid))))


def family(pid: int) -> Iterator[int]:
    """A process and all that it started."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        tasks = [path.name for path in Path(f"/proc/{pid}/task").iterdir() if path.name != str(pid)]
        for task in tasks:
            children += Path(f"/proc/{pid}/task/{task}/children").read_text().split()
    except OSError:  # it ended
        return
    for child in children:
        yield from family(int(child))


def resident_bytes(pid: int) -> int:
    """Resident memory of a process; 0 of one that ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if not Path("/proc").is_dir():
        raise SystemExit("this needs /proc, as Linux has it")
    sys.exit(main())
