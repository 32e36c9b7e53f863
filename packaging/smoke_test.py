"""Try a frozen application as its user would; exit 1 where something fails.

    python packaging/smoke_test.py dist/forensic-gui

The folder is what `packaging/build.py` made. The program sees nothing of this interpreter's environment; its window is
drawn into memory and closes by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LONGEST_S = 180
SOME_FAILED = 1
SAMPLE_IMAGES = 5
# What would lead a program to this interpreter's packages, or decide for it where windows go.
FORGOTTEN = (
    *("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
    *("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "QT_PLUGIN_PATH"),
)


class CheckFailed(Exception):  # noqa: N818 - a result, not an error of this script
    """What was found instead, a sentence."""


@dataclass(frozen=True, slots=True)
class Program:
    """The frozen program, started in a folder of its own.

    Attributes:
        path: the executable.
        place: an empty folder: working folder, home and place for results.
    """

    path: Path
    place: Path

    @property
    def bundle(self) -> Path:
        """Where PyInstaller puts everything but the executable."""
        return self.path.parent / "_internal"

    @property
    def sample(self) -> Path:
        """A photograph that ships with the program."""
        return self.bundle / "resources" / "sample_case" / "images" / "launch-pad.jpg"

    def run(self, *arguments: str | Path, status: int = 0, offscreen: bool = False) -> str:
        """Run to the end and return standard output.

        Raises:
            CheckFailed: the exit status is not `status`, or it takes too long.
        """
        try:
            process = subprocess.run(
                [self.path, *arguments],
                capture_output=True,
                encoding="utf-8",
                errors="backslashreplace",
                timeout=LONGEST_S,
                cwd=self.place,
                env=self._environment(offscreen=offscreen),
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise CheckFailed(f"it did not end within {LONGEST_S} seconds") from late
        except OSError as error:
            raise CheckFailed(f"it could not be started: {error}") from error
        if process.returncode != status:
            said = (process.stderr or process.stdout).strip()
            raise CheckFailed(f"exit status {process.returncode}, saying: {said}")
        return process.stdout

    def _environment(self, *, offscreen: bool) -> Mapping[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in FORGOTTEN}
        home = {name: str(self.place) for name in ("HOME", "USERPROFILE", "LOCALAPPDATA", "XDG_DATA_HOME")}
        return {**kept, **home, **({"QT_QPA_PLATFORM": "offscreen"} if offscreen else {})}


def version(program: Program) -> str:
    """`--version` names the program."""
    said = program.run("--version").strip()
    require(said.startswith("forensic-gui "), f"it said {said!r}")
    return said


def help_pages(program: Program) -> str:
    """Help is drawn by a library of its own."""
    require("findings.jsonl" in program.run("analyze", "--help"), "the help of analyze does not speak of findings")
    return "the help of analyze is shown"


def doctor(program: Program) -> str:
    """Decoder, weights and localizer work; no package is missing."""
    found = json.loads(program.run("doctor", "--json"))
    missing = [name for name, number in found["packages"].items() if number is None]
    require(not missing, f"these packages are missing: {missing}")
    return " ".join(check["detail"] for check in found["checks"] if check["passed"])


def demo(program: Program) -> str:
    """The sample case is analyzed without a window, every file in place."""
    output = program.place / "demo"
    program.run("demo", "--no-window", "-o", output)
    findings = read_findings(output)
    require(len(findings) == SAMPLE_IMAGES, f"there are {len(findings)} findings")
    named = {entry["name"] for finding in findings for entry in finding["outputs"].values()}
    present = {path.name for path in output.iterdir()} - {"findings.jsonl"}
    require(named == present and len(named) == 3 * SAMPLE_IMAGES, f"the files are {sorted(present)}")
    return f"{len(findings)} findings and {len(named)} pictures"


def analyze(program: Program) -> str:
    """One image by name gives one finding."""
    output = program.place / "one"
    program.run("analyze", program.sample, "-o", output, "--views", "thorough")
    (finding,) = read_findings(output)
    require((finding["width"], finding["height"]) == (640, 427), f"its size is {finding['width']}x{finding['height']}")
    return f"{finding['weights_id']} on {finding['device']}, {finding['tiles']} tiles"


def formats(program: Program) -> str:
    """Readers that are loaded only for their format are there: damaged files are refused by them, not by their lack."""
    folder, output = program.place / "formats", program.place / "formats-out"
    folder.mkdir()
    (folder / "floats.tif").write_bytes(float_tiff())
    (folder / "damaged.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(200))
    (folder / "damaged.raf").write_bytes(b"FUJIFILMCCD-RAW " + bytes(2000))
    said = program.run("analyze", folder, "-o", output, "--write", "none", "--json", status=SOME_FAILED)
    decoders = [finding["decoder"] for finding in read_findings(output)]
    require(decoders == ["tifffile"], f"a TIFF of floats is decoded by {decoders}")
    refused = {Path(failure["path"]).suffix: failure["kind"] for failure in json.loads(said)["failures"]}
    require(set(refused) == {".heic", ".raf"}, f"refused were {refused}")
    require("DecoderCrashed" not in refused.values(), f"a reader is missing: {refused}")
    return "tifffile, libheif and LibRaw answer"


def window(program: Program) -> str:
    """The window paints, loads the localizer, opens and analyzes an image, and closes."""
    said = program.run("benchmark", "--probe", "window", "--image", program.sample, offscreen=True)
    blocks = json.loads(said.splitlines()[-1])
    require(blocks.get("event") == "blocks", f"it said {said!r}")
    return f"an image was opened and analyzed in it; its thread was never held up over {blocks['analysis_ms']:.0f} ms"


CHECKS: Mapping[str, Callable[[Program], str]] = {
    "version": version,
    "help": help_pages,
    "doctor": doctor,
    "demo": demo,
    "analyze": analyze,
    "formats": formats,
    "window": window,
}


def float_tiff() -> bytes:
    """A TIFF that Pillow cannot read: 2x2 pixels of three 32-bit floats, little-endian, one strip."""
    bits, kinds = struct.pack("<3H", 32, 32, 32), struct.pack("<3H", 3, 3, 3)  # IEEE floats
    pixels = struct.pack("<12f", *(n / 12 for n in range(12)))
    values = bits + kinds + pixels
    short, long = 3, 4
    tags = (  # tag, type, count, value or offset
        *((256, short, 1, 2), (257, short, 1, 2), (258, short, 3, 8), (259, short, 1, 1), (262, short, 1, 2)),
        *((273, long, 1, 8 + len(bits + kinds)), (277, short, 1, 3), (278, short, 1, 2), (279, long, 1, len(pixels))),
        (339, short, 3, 8 + len(bits)),
    )
    directory = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    head = struct.pack("<2sHI", b"II", 42, 8 + len(values))
    return head + values + struct.pack("<H", len(tags)) + directory + bytes(4)


def read_findings(output: Path) -> list[dict[str, Any]]:
    """Findings of an output folder.

    Raises:
        CheckFailed: there are none.
    """
    path = output / "findings.jsonl"
    require(path.is_file(), f"{path} was not written")
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


def require(holds: bool, otherwise: str) -> None:
    """Raise `CheckFailed` with the sentence unless the condition holds."""
    if not holds:
        raise CheckFailed(otherwise)


def executable(folder: Path) -> Path:
    """The program for consoles in a built folder.

    Raises:
        SystemExit: there is none.
    """
    for name in ("forensic-gui", "forensic-gui.exe"):
        if (folder / name).is_file():
            return (folder / name).resolve()
    raise SystemExit(f"{folder} holds no program: name the folder that packaging/build.py made")


def main(arguments: Sequence[str]) -> int:
    """Run every check, one sentence each; 1 when any failed."""
    parser = argparse.ArgumentParser(description="Try a frozen application as its user would.")
    parser.add_argument("folder", type=Path, help="what packaging/build.py made, as dist/forensic-gui")
    path = executable(parser.parse_args(arguments).folder)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="forensic-gui-smoke-") as place:
        program = Program(path, Path(place).resolve())
        for name, check in CHECKS.items():
            started = time.monotonic()
            try:
                verdict, detail = "passed", check(program)
            except CheckFailed as failure:
                failed += 1
                verdict, detail = "FAILED", str(failure)
            sys.stdout.write(f"{name} {verdict} in {time.monotonic() - started:.1f} s: {detail}\n")
            sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
