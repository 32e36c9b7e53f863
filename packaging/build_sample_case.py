"""Make the sample case from photographs in the public domain, with the edits of `boxprompt.data.synthesis`.

    python packaging/build_sample_case.py [--photographs FOLDER] [--out FOLDER]

The photographs are those that ship with scikit-image (`pip install scikit-image`); another copy of them may be named.
Their hashes are checked, every step is fixed, and the same OpenCV, which the manifest names, writes the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from boxprompt.contracts import BoolMask, RgbImage
from boxprompt.data import degrade
from boxprompt.data.synthesis import histories
from boxprompt.data.synthesis.paste import MARGIN_PX, Finish, Piece, cut, stamp
from boxprompt.data.synthesis.regions import bounds

OUT = Path(__file__).resolve().parent.parent / "resources" / "sample_case"
SCHEMA = "forensic-gui.sample-case/1"
SHA256 = {
    "astronaut.png": "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    "camera.png": "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a",
    "chelsea.png": "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
    "coffee.png": "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
    "rocket.jpg": "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
}
# Outlines are drawn by hand, (x, y) in pixels of the photograph.
SHUTTLE = (
    (407, 2), (422, 2), (429, 11), (434, 25), (436, 39), (437, 47), (441, 45), (445, 42), (448, 47), (452, 61),
    (454, 76), (455, 104), (454, 225), (400, 229), (377, 225), (357, 222), (357, 213), (363, 204), (380, 183),
    (380, 118), (382, 105), (382, 63), (384, 51), (387, 44), (391, 51), (395, 65), (397, 50), (398, 27), (399, 18),
    (403, 8),
)  # fmt: skip
TOWER = (
    (411, 131), (413, 124), (420, 124), (421, 115), (426, 115), (432, 118), (432, 130), (433, 131), (433, 186),
    (424, 190), (411, 192),
)  # fmt: skip
NAME_TAG = ((273, 335), (332, 341), (331, 362), (326, 369), (321, 378), (313, 381), (277, 378))


@dataclass(frozen=True, slots=True)
class Made:
    """An image before its last compression, and where it was manipulated."""

    image: RgbImage
    mask: BoolMask


@dataclass(frozen=True, slots=True)
class Recipe:
    """One image of the sample case.

    Attributes:
        name: stem of the files written.
        manipulation: kind, as the application names it.
        photographs: file names of what it is made from.
        quality: JPEG quality of the file written.
        make: photographs to the finished pixels, in the order of `photographs`.
        description: what is to be seen and what was done.
    """

    name: str
    manipulation: str
    photographs: tuple[str, ...]
    quality: int
    make: Callable[..., Made]
    description: str


def shuttle_beside_the_rocket(pad: RgbImage, portrait: RgbImage) -> Made:
    """Put the model of a shuttle, reduced, in dusk colours, at the lower edge of the launch pad's picture."""
    shuttle = _scaled(cut(portrait, _filled(SHUTTLE, portrait)), 0.8)
    dusk = (
        histories.Step("tone", {"gamma": 1.35, "gains": [0.78, 0.72, 0.64]}),
        histories.Step("noise", {"variance": 2.0, "seed": 7, "grey": False}),
        histories.Step("jpeg", {"quality": 82, "subsampling": "4:2:0", "shift": (3, 5)}),
    )
    dusky = Piece(histories.apply(shuttle.pixels, dusk).image, shuttle.coverage)
    corner = (pad.shape[0] + 2 - dusky.coverage.shape[0], 196)
    return Made(*stamp(pad, dusky, corner=corner, finish=Finish("feather", feather_px=1.2)))


def a_second_tower(skyline: RgbImage) -> Made:
    """Copy the tower on the skyline, enlarged, to the right."""
    before = degrade.jpeg(skyline, quality=88)
    tower = _scaled(cut(before, _filled(TOWER, before)), 1.6)
    return Made(*stamp(before, tower, corner=(59, 460), finish=Finish("feather", feather_px=1.0)))


def no_name_tag(portrait: RgbImage) -> Made:
    """Cover the name tag with cloth from the other side of the chest."""
    before = degrade.jpeg(portrait, quality=85)
    target = _filled(NAME_TAG, before)
    cloth = cut(before, np.roll(target, (-34, -120), axis=(0, 1)))
    top, left, _, _ = bounds(target)
    corner = (top - MARGIN_PX, left - MARGIN_PX)
    return Made(*stamp(before, cloth, corner=corner, finish=Finish("feather", feather_px=4.0, gain=0.93)))


def nothing(photograph: RgbImage) -> Made:
    """Leave the photograph as it is."""
    return Made(photograph, np.zeros(photograph.shape[:2], dtype=np.bool_))


def only_saved_again(photograph: RgbImage) -> Made:
    """Compress the photograph once before the file is written, as an editor that saves without a change does."""
    return nothing(degrade.jpeg(photograph, quality=85))


RECIPES = (
    Recipe(
        "launch-pad",
        "splice",
        ("rocket.jpg", "astronaut.png"),
        92,
        shuttle_beside_the_rocket,
        "A rocket on its pad at dusk. The space shuttle in front of it was cut from another photograph, reduced and "
        "given the colours of the evening.",
    ),
    Recipe(
        "skyline",
        "copy-move",
        ("camera.png",),
        92,
        a_second_tower,
        "A photographer before a skyline. The tower at the right is an enlarged copy of the one in the middle.",
    ),
    Recipe(
        "portrait",
        "removal",
        ("astronaut.png",),
        93,
        no_name_tag,
        "An astronaut's portrait. Her name tag was covered with cloth from the other side of her chest.",
    ),
    Recipe("cat", "untouched", ("chelsea.png",), 90, nothing, "A cat; untouched, saved once."),
    Recipe("coffee", "untouched", ("coffee.png",), 92, only_saved_again, "A cup of coffee; untouched, saved twice."),
)


def main(arguments: list[str]) -> int:
    """Write images, masks and the manifest."""
    parser = argparse.ArgumentParser(description="Make the sample case.")
    parser.add_argument("--photographs", type=Path, default=_folder_of_scikit_image(), help="folder with the sources")
    parser.add_argument("--out", type=Path, default=OUT, help="folder to write, resources/sample_case by itself")
    chosen = parser.parse_args(arguments)
    if chosen.photographs is None:
        parser.error("name the photographs' folder, or install scikit-image")
    for name in ("images", "masks"):
        (chosen.out / name).mkdir(parents=True, exist_ok=True)
    manifest = {
        "schema": SCHEMA,
        "made_with": {"opencv": cv2.__version__},
        "images": [_write(recipe, chosen.photographs, chosen.out) for recipe in RECIPES],
    }
    (chosen.out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8", newline="\n")
    return 0


def _write(recipe: Recipe, photographs: Path, out: Path) -> dict[str, Any]:
    made = recipe.make(*(_photograph(photographs / name) for name in recipe.photographs))
    data = degrade.encode_jpeg(made.image, quality=recipe.quality)
    image = f"images/{recipe.name}.jpg"
    (out / image).write_bytes(data)
    mask = None
    if made.mask.any():
        mask = f"masks/{recipe.name}.png"
        encoded, buffer = cv2.imencode(".png", made.mask.view(np.uint8) * np.uint8(255), [cv2.IMWRITE_PNG_BILEVEL, 1])
        assert encoded
        (out / mask).write_bytes(buffer.tobytes())
    return {
        "image": image,
        "sha256": hashlib.sha256(data).hexdigest(),
        "manipulation": recipe.manipulation,
        "mask": mask,
        "description": recipe.description,
        "made_from": list(recipe.photographs),
    }


def _photograph(path: Path) -> RgbImage:
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256[path.name]:
        raise SystemExit(f"{path} is not the photograph that the outlines were drawn on")
    return degrade.decode_rgb(data)


def _filled(outline: Sequence[tuple[int, int]], image: RgbImage) -> BoolMask:
    canvas = np.zeros(image.shape[:2], dtype=np.uint8)
    cv2.fillPoly(canvas, [np.array(outline, dtype=np.int32)], 1)
    return canvas.view(np.bool_)


def _scaled(piece: Piece, factor: float) -> Piece:
    rows, columns = (round(side * factor) for side in piece.coverage.shape)
    pixels = degrade.resize(piece.pixels, size=(rows, columns), interpolation="area" if factor < 1 else "cubic")
    smooth = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return Piece(pixels, np.asarray(cv2.resize(piece.coverage, (columns, rows), interpolation=smooth), dtype=np.uint8))


def _folder_of_scikit_image() -> Path | None:
    found = importlib.util.find_spec("skimage")
    return None if found is None or found.origin is None else Path(found.origin).parent / "data"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
