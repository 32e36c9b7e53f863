"""What leaves a case comes back pixel by pixel: holes, parts, odd sizes and all."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensic_gui.domain.annotation import Confidence, Kind, Region
from forensic_gui.domain.mask import Mask
from forensic_gui.services.labels.contract import ExportLabelsRequest
from forensic_gui.services.labels.foreign import ForeignImage
from forensic_gui.services.labels.formats import FORMATS, LabelFormat, Trait
from forensic_gui.services.labels.read_coco import read_coco
from forensic_gui.services.labels.read_labelme import labelme_files, read_labelme
from forensic_gui.services.labels.read_mani import read_mani
from forensic_gui.services.labels.shapes import Shape, rasterise

from .helpers import PlainDecoder, grey, label_set, masks, region, with_hole, write

READERS = {
    LabelFormat.COCO: read_coco,
    LabelFormat.LABELME: lambda folder: tuple(read_labelme(path) for path in labelme_files(folder)),
    LabelFormat.MANI: read_mani,
}
WHOLE = [each for each, traits in FORMATS.items() if each in READERS and traits.carries(Trait.OVERLAPS)]


def exported(chosen: LabelFormat, regions: list[Region], folder: Path) -> ForeignImage:
    labels, files = label_set(folder, regions)
    write(ExportLabelsRequest(folder / "labels", chosen), labels, files)
    (image,) = READERS[chosen](folder / "labels")
    return image


def pixels(shape: Shape, like: Mask) -> Mask:
    return Mask.of(rasterise(shape, like.size, decoder=PlainDecoder()))


@pytest.mark.parametrize("chosen", READERS)
@settings(max_examples=40)
@given(mask=masks())
def test_a_mask_comes_back_from_every_format_that_is_read(chosen: LabelFormat, mask: Mask) -> None:
    with tempfile.TemporaryDirectory() as folder:
        image = exported(chosen, [region(mask)], Path(folder))
        (read,) = image.regions
        assert pixels(read.shape, mask) == mask


@pytest.mark.parametrize("chosen", WHOLE)
@settings(max_examples=20)
@given(data=st.data())
def test_overlapping_regions_come_back_one_by_one_with_source_and_words(
    chosen: LabelFormat, data: st.DataObject
) -> None:
    first = data.draw(masks())
    second, source = data.draw(masks(size=first.size)), data.draw(masks(size=first.size))
    drawn = [
        region(first, Kind.REMOVAL, confidence=Confidence.LOW, note="wire"),
        region(second, Kind.COPY_MOVE, source=source),
    ]
    with tempfile.TemporaryDirectory() as folder:
        image = exported(chosen, drawn, Path(folder))
        for read, original in zip(image.regions, drawn, strict=True):
            assert pixels(read.shape, first) == original.mask
            assert (read.source is None) == (original.source is None)
            if read.source is not None:
                assert pixels(read.source, first) == original.source
            details = original.details
            assert (read.kind, read.confidence, read.note) == (details.kind, details.confidence, details.note)


@settings(max_examples=30)
@given(mask=masks())
def test_a_list_of_pairs_leads_to_image_and_mask_of_one_size(mask: Mask) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        labels, files = label_set(folder, [region(mask)], None)
        write(ExportLabelsRequest(folder / "labels", LabelFormat.BENCO_JSON), labels, files)
        (image, gt), (_, negative) = json.loads((folder / "labels" / "all.json").read_text())
        assert (folder / "labels" / image).is_file()
        # The channel mean over 127.5 counts; a single channel is its own mean.
        assert np.array_equal(grey(folder / "labels" / gt) > 127.5, mask.to_array())
        assert negative == "Negative"


def test_regions_of_one_image_are_one_mask_in_folders_of_masks(tmp_path: Path) -> None:
    corner = np.zeros(with_hole().size.shape, dtype=np.bool_)
    corner[7:, 11:] = True
    drawn = [region(with_hole()), region(Mask.of(corner))]
    for chosen, folder in ((LabelFormat.MANI, "Gt"), (LabelFormat.PNG, "masks")):
        labels, files = label_set(tmp_path, drawn)
        write(ExportLabelsRequest(tmp_path / chosen, chosen), labels, files)
        written = grey(tmp_path / chosen / folder / "photo 1.png")
        assert set(np.unique(written)) == {0, 255}
        assert np.array_equal(written == 255, with_hole().to_array() | corner)
