"""Whatever stands in a label file, reading it ends with labels or with a sentence, never with a defect."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensic_gui.domain.errors import LabelsError
from forensic_gui.services.labels.contract import ExportLabelsRequest
from forensic_gui.services.labels.foreign import ForeignImage
from forensic_gui.services.labels.formats import LabelFormat
from forensic_gui.services.labels.read_coco import read_coco
from forensic_gui.services.labels.read_labelme import read_labelme
from forensic_gui.services.labels.shapes import rasterise

from .helpers import SIZE, PlainDecoder, label_set, region, with_hole, write

FILES = {
    LabelFormat.COCO: "annotations/instances_all.json",
    LabelFormat.LABELME: "images/photo 1.json",
}
READERS: dict[LabelFormat, Callable[[Path], tuple[ForeignImage, ...]]] = {
    LabelFormat.COCO: read_coco,
    LabelFormat.LABELME: lambda path: (read_labelme(path),),
}
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["mask", "polygon", "circle", "rectangle", "/etc/passwd", "..", "copy-move source", "AAAA"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[LabelFormat, Any]:
    """A sound file of each format, as we write it, and an outline beside the mask."""
    made = {}
    for chosen, name in FILES.items():
        folder = tmp_path_factory.mktemp(chosen.value)
        labels, files = label_set(folder, [region(with_hole(), source=with_hole()), region(with_hole())])
        write(ExportLabelsRequest(folder / "out", chosen), labels, files)
        made[chosen] = json.loads((folder / "out" / name).read_text(encoding="utf-8"))
    made[LabelFormat.COCO]["annotations"][1]["segmentation"] = [[1, 1, 5, 1, 5, 5]]
    made[LabelFormat.LABELME]["shapes"][2] |= {"shape_type": "polygon", "points": [[1, 1], [5, 1], [5, 5]]}
    return made


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of every value within a value."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [*([path] if path else []), *(each for key in keys for each in places(value[key], (*path, key)))]


@pytest.mark.parametrize("chosen", FILES)
@settings(max_examples=250)
@given(data=st.data())
def test_a_file_with_any_value_in_any_place_is_read_or_refused(
    chosen: LabelFormat, data: st.DataObject, records: dict[LabelFormat, Any]
) -> None:
    record = copy.deepcopy(records[chosen])
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(places(record)))
        holder = record
        for key in way:
            holder = holder[key]
        holder[last] = data.draw(VALUES)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.json"
        path.write_text(json.dumps(record), encoding="utf-8")
        try:
            for image in READERS[chosen](path):
                for each in image.regions:
                    assert rasterise(each.shape, SIZE, decoder=PlainDecoder()).shape == SIZE.shape
        except LabelsError as error:
            assert str(error)


@pytest.mark.parametrize("chosen", FILES)
def test_the_file_that_is_changed_is_a_sound_one(
    chosen: LabelFormat, records: dict[LabelFormat, Any], tmp_path: Path
) -> None:
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(records[chosen]), encoding="utf-8")
    (image,) = READERS[chosen](path)
    assert len(image.regions) == 2
