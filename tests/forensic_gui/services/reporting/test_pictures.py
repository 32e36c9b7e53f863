"""Pictures of a report: upright, of the fixed scale, of what is on record, and the same bytes every time."""

from __future__ import annotations

import io
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from forensic_gui.domain.errors import Cancelled
from forensic_gui.domain.geometry import Box, Orientation, Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.palette import ADDS_RGB, BOTH_RGB, MINE_ONLY_RGB, MODEL_ONLY_RGB
from forensic_gui.domain.reports.opinion import Opinion
from forensic_gui.domain.reports.pictures import Picture, PictureRef
from forensic_gui.domain.reports.plan import PictureKind, PinnedView, ReportPlan
from forensic_gui.services import rendering
from forensic_gui.services.case import CaseSession
from forensic_gui.services.progress import CancelToken
from forensic_gui.services.reporting.building import build_record
from forensic_gui.services.reporting.pictures import AHEAD, CasePictures
from tests.forensic_gui.services.reporting.made_cases import (
    TURNED,
    WIDE,
    box_mask,
    corner_grid,
    draw,
    put_finding,
    with_thumbnail,
    write_photograph,
)

PICTURE = Size(640, 480)
"""Of item 1, which has twice as many pixels a side."""


@pytest.fixture
def record(case, ports):
    return build_record(case, opinion=Opinion(), plan=ReportPlan(), ports=ports)


@pytest.fixture
def pictures(case, ports, record):
    with CasePictures(record, case=case, ports=ports) as found:
        yield found


def shown(picture: Picture | None) -> NDArray[np.uint8]:
    """Pixels of a picture, uint8 (H, W, 3) RGB; its size is the one it says."""
    assert picture is not None
    with Image.open(io.BytesIO(picture.data)) as image:
        assert f"image/{image.format.lower()}" == picture.media_type
        assert image.size == (picture.width_px, picture.height_px)
        assert not image.getexif()
        return np.asarray(image.convert("RGB"))


def colour_at(picture: Picture | None, x: int, y: int) -> tuple[int, ...]:
    return tuple(int(value) for value in shown(picture)[y, x])


def near(one, other, *, by: int = 12) -> bool:
    return all(abs(int(a) - int(b)) <= by for a, b in zip(one, other, strict=True))


def test_the_original_is_reduced_and_never_enlarged(pictures):
    assert shown(pictures.get(PictureRef(1, PictureKind.ORIGINAL))).shape == (480, 640, 3)
    assert shown(pictures.get(PictureRef(3, PictureKind.ORIGINAL))).shape == (48, 64, 3)


def test_colours_are_red_first(pictures):
    original = pictures.get(PictureRef(1, PictureKind.ORIGINAL))
    assert near(colour_at(original, 5, 5), (253, 0, 2))
    assert near(colour_at(original, 634, 5), (2, 0, 253))


def test_every_picture_is_upright(pictures):
    # Stored 120x80 with red at the left; turned clockwise, red is at the top.
    original = pictures.get(PictureRef(2, PictureKind.ORIGINAL))
    assert (original.width_px, original.height_px) == (TURNED.height, TURNED.width)
    assert near(colour_at(original, 40, 3), (200, 0, 5), by=60)
    mask = shown(pictures.get(PictureRef(2, PictureKind.MASK)))
    # The top left quarter as stored is the top right one of the view.
    assert mask[5, 75].tolist() == [255] * 3
    assert mask[5, 5].tolist() == mask[110, 75].tolist() == [0] * 3


@pytest.mark.parametrize("orientation", list(Orientation))
def test_the_mask_turns_with_the_image(case, ports, tmp_path, orientation):
    size = Size(90, 60)
    write_photograph(tmp_path / "any.jpg", size, orientation=orientation)
    (item_id,) = case.add([tmp_path / "any.jpg"]).added
    put_finding(case, item_id, size, corner_grid(), orientation=orientation)
    made = build_record(case, opinion=Opinion(), plan=ReportPlan(item_ids=(item_id,)), ports=ports)
    with CasePictures(made, case=case, ports=ports) as found:
        picture = shown(found.get(PictureRef(item_id, PictureKind.MASK)))[..., 0]
    stored = Mask.from_text(size, made.items[0].mask.runs).to_array()
    assert np.array_equal(picture > 127, orientation.apply(stored))


def test_a_heatmap_has_the_colours_of_the_fixed_scale(pictures):
    heatmap = pictures.get(PictureRef(1, PictureKind.HEATMAP))
    table = rendering.colormap_table(rendering.Colormap.INFERNO)
    assert near(colour_at(heatmap, 20, 20), table[round(0.9 * 255)])
    assert near(colour_at(heatmap, 620, 460), table[round(0.1 * 255)])


def test_a_weak_heatmap_is_never_stretched(case, ports):
    put_finding(case, 3, Size(64, 48), np.full((4, 4), 0.05, np.float32))
    made = build_record(case, opinion=Opinion(), plan=ReportPlan(), ports=ports)
    with CasePictures(made, case=case, ports=ports) as found:
        heatmap = shown(found.get(PictureRef(3, PictureKind.HEATMAP)))
        mask = shown(found.get(PictureRef(3, PictureKind.MASK)))
    assert heatmap.max() < 40
    assert not mask.any()


def test_the_overlay_is_half_image_half_scale_with_the_masks_border(pictures):
    overlay = shown(pictures.get(PictureRef(1, PictureKind.OVERLAY)))
    image = shown(pictures.get(PictureRef(1, PictureKind.ORIGINAL)))
    scale = rendering.colormap_table(rendering.Colormap.INFERNO)[round(0.1 * 255)]
    assert near(overlay[460, 600], (image[460, 600].astype(int) + scale) // 2)
    row = overlay[100].astype(int)
    border = np.flatnonzero((row > 200).all(axis=1))
    assert len(border)
    assert (row[border[-1] + 1] < 60).all()  # black beside white


def test_a_single_pixel_that_was_drawn_is_seen(case, ports):
    draw(case, 1, box_mask(WIDE, left=900, top=700, width=1, height=1), region_id="dot")
    made = build_record(case, opinion=Opinion(), plan=ReportPlan(), ports=ports)
    with CasePictures(made, case=case, ports=ports) as found:
        regions = shown(found.get(PictureRef(1, PictureKind.REGIONS)))
        plain = shown(found.get(PictureRef(1, PictureKind.ORIGINAL)))
    around = np.abs(regions[345:356, 445:456].astype(int) - plain[345:356, 445:456])
    assert around.max() > 60


def test_regions_and_their_sources_are_painted_in_the_analysts_colour(case, ports):
    source = box_mask(WIDE, left=800, top=600, width=100, height=100)
    draw(case, 1, box_mask(WIDE, left=500, top=600, width=100, height=100), region_id="copy", source=source)
    made = build_record(case, opinion=Opinion(), plan=ReportPlan(), ports=ports)
    with CasePictures(made, case=case, ports=ports) as found:
        regions = shown(found.get(PictureRef(1, PictureKind.REGIONS)))
        plain = shown(found.get(PictureRef(1, PictureKind.ORIGINAL)))
    inside, outside, of_source = regions[325, 275], regions[250, 500], regions[325, 425]
    assert near(inside, 0.65 * plain[325, 275] + 0.35 * np.array(ADDS_RGB))
    assert near(outside, plain[250, 500])
    assert near(of_source, plain[325, 425])  # a source is outlined, not filled
    edge = regions[300, 400:450].astype(int)
    assert len(np.unique((edge > 230).all(axis=1))) == 2  # dashes


def test_the_difference_tells_model_analyst_and_both_apart(pictures):
    # The model flags the top left quarter; the analyst 400x200 of it, so nothing is the analyst's alone.
    difference = shown(pictures.get(PictureRef(1, PictureKind.DIFFERENCE)))
    plain = shown(pictures.get(PictureRef(1, PictureKind.ORIGINAL)))
    assert near(difference[50, 50], 0.35 * plain[50, 50] + 0.65 * np.array(BOTH_RGB))
    assert near(difference[200, 250], 0.35 * plain[200, 250] + 0.65 * np.array(MODEL_ONLY_RGB))
    assert near(difference[460, 600], plain[460, 600])


def test_what_only_the_analyst_flags_has_the_analysts_colour(case, ports):
    draw(case, 1, box_mask(WIDE, left=1000, top=800, width=200, height=100), region_id="mine")
    made = build_record(case, opinion=Opinion(), plan=ReportPlan(), ports=ports)
    with CasePictures(made, case=case, ports=ports) as found:
        difference = shown(found.get(PictureRef(1, PictureKind.DIFFERENCE)))
        plain = shown(found.get(PictureRef(1, PictureKind.ORIGINAL)))
    assert near(difference[425, 550], 0.35 * plain[425, 550] + 0.65 * np.array(MINE_ONLY_RGB))


def test_there_are_no_pictures_of_what_an_item_does_not_have(pictures):
    made = {kind: pictures.get(PictureRef(3, kind)) for kind in PictureKind}
    assert [kind for kind, picture in made.items() if picture is not None] == [PictureKind.ORIGINAL]


def test_a_pinned_view_shows_the_evidences_own_pixels(case, ports):
    box = Box(640.4, 10.0, 700.0, 49.5)
    plan = ReportPlan(pinned=(PinnedView(1, PictureKind.ORIGINAL, box), PinnedView(1, PictureKind.MASK, box)))
    made = build_record(case, opinion=Opinion(), plan=plan, ports=ports)
    with CasePictures(made, case=case, ports=ports) as found:
        part = shown(found.get(PictureRef(1, PictureKind.ORIGINAL, box)))
        mask = shown(found.get(PictureRef(1, PictureKind.MASK, box)))
    whole = ports.decoder.decode(case.original(1)).pixels
    assert part.shape == mask.shape == (40, 60, 3)
    assert np.abs(part.astype(int) - whole[10:50, 640:700]).max() <= 12
    inside = Mask.from_text(WIDE, made.items[0].mask.runs).to_array()[10:50, 640:700]
    assert np.array_equal(mask[..., 0] > 127, inside)


def test_a_pinned_view_is_of_the_stored_box_and_shown_upright(case, ports):
    box = Box(0, 0, 30, 10)
    plan = ReportPlan(pinned=(PinnedView(2, PictureKind.ORIGINAL, box),))
    made = build_record(case, opinion=Opinion(), plan=plan, ports=ports)
    with CasePictures(made, case=case, ports=ports) as found:
        part = found.get(PictureRef(2, PictureKind.ORIGINAL, box))
    assert (part.width_px, part.height_px) == (10, 30)


def test_a_large_pinned_view_is_reduced(case, ports):
    box = Box(0, 0, 1280, 960)
    plan = ReportPlan(pinned=(PinnedView(1, PictureKind.OVERLAY, box),))
    made = build_record(case, opinion=Opinion(), plan=plan, ports=ports)
    with CasePictures(made, case=case, ports=ports) as found:
        part = found.get(PictureRef(1, PictureKind.OVERLAY, box))
    assert (part.width_px, part.height_px) == (1000, 750)


def test_a_pinned_view_outside_the_image_shows_nothing(case, ports):
    box = Box(5000, 10, 6000, 20)
    plan = ReportPlan(pinned=(PinnedView(1, PictureKind.ORIGINAL, box),))
    record = build_record(case, opinion=Opinion(), plan=plan, ports=ports)
    with CasePictures(record, case=case, ports=ports) as found:
        assert found.get(PictureRef(1, PictureKind.ORIGINAL, box)) is None


def test_the_embedded_thumbnail_is_the_files_own(case, ports, tmp_path):
    thumbnail = io.BytesIO()
    Image.new("RGB", (40, 30), (0, 200, 0)).save(thumbnail, "JPEG", quality=95)
    photograph = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 0, 0)).save(photograph, "JPEG")
    (tmp_path / "thumb.jpg").write_bytes(with_thumbnail(photograph.getvalue(), thumbnail.getvalue()))
    (item_id,) = case.add([tmp_path / "thumb.jpg"]).added
    made = build_record(case, opinion=Opinion(), plan=ReportPlan(), ports=ports)
    assert made.items[-1].metadata["thumbnail"]["width_px"] == 40
    with CasePictures(made, case=case, ports=ports) as found:
        embedded = found.get(PictureRef(item_id, PictureKind.EMBEDDED))
        assert near(colour_at(embedded, 20, 15), (0, 200, 0))
        assert (embedded.width_px, embedded.height_px) == (40, 30)


def test_the_embedded_thumbnail_of_an_image_that_cannot_be_read_is_shown(case, ports, tmp_path):
    thumbnail, photograph = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (40, 30), (0, 200, 0)).save(thumbnail, "JPEG", quality=95)
    Image.new("RGB", (640, 480), (200, 0, 0)).save(photograph, "JPEG")
    whole = with_thumbnail(photograph.getvalue(), thumbnail.getvalue())
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) - 2000])
    (item_id,) = case.add([tmp_path / "cut.jpg"]).added
    made = build_record(case, opinion=Opinion(), plan=ReportPlan(), ports=ports)
    assert made.items[-1].unreadable
    with CasePictures(made, case=case, ports=ports) as found:
        embedded = found.get(PictureRef(item_id, PictureKind.EMBEDDED))
        assert near(colour_at(embedded, 20, 15), (0, 200, 0))
        assert found.get(PictureRef(item_id, PictureKind.ORIGINAL)) is None


def test_pictures_are_the_same_bytes_in_any_order(case, ports, record):
    refs = [PictureRef(item_id, kind) for item_id in (1, 2, 3) for kind in PictureKind]
    with CasePictures(record, case=case, ports=ports) as found:
        forward = {ref: found.get(ref) for ref in refs}
    with CasePictures(record, case=case, ports=ports) as found:
        backward = {ref: found.get(ref) for ref in reversed(refs)}
    assert [picture and picture.data for picture in forward.values()] == [
        picture and picture.data for picture in (backward[ref] for ref in refs)
    ]


def test_only_so_many_items_are_made_ahead(tmp_path, ports):
    asked: set[Path] = set()

    class Counting:
        def decode(self, path, **options):
            asked.add(path)
            return ports.decoder.decode(path, **options)

        def close(self):
            raise AssertionError("who opened it closes it")

    with CaseSession.create(tmp_path / "Many", author="Ada") as case:
        for number in range(AHEAD + 6):
            write_photograph(tmp_path / f"{number}.png", Size(8 + number, 8))
        case.add(sorted(tmp_path.glob("*.png")))
        made = build_record(case, opinion=Opinion(), plan=ReportPlan(), ports=ports)
        with CasePictures(made, case=case, ports=replace(ports, decoder=Counting())) as found:
            for item_id in (1, 2):
                assert found.get(PictureRef(item_id, PictureKind.ORIGINAL)) is not None
        assert len(asked) <= AHEAD + 2


def test_who_stops_gets_no_more_pictures_and_leaves_no_threads(case, ports, record):
    token = CancelToken()
    with CasePictures(record, case=case, ports=ports, cancel=token) as found:
        assert found.get(PictureRef(1, PictureKind.ORIGINAL)) is not None
        token.cancel()
        with pytest.raises(Cancelled):
            found.get(PictureRef(2, PictureKind.ORIGINAL))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("report-")]


def test_an_original_that_changed_since_it_was_hashed_is_not_drawn_but_named(case, ports, record):
    path = case.original(1)
    path.chmod(0o644)
    path.write_bytes(case.original(2).read_bytes())
    with CasePictures(record, case=case, ports=ports) as found:
        assert found.get(PictureRef(1, PictureKind.ORIGINAL)) is None
        assert found.get(PictureRef(1, PictureKind.OVERLAY)) is None
        assert found.get(PictureRef(2, PictureKind.ORIGINAL)) is not None
        ((item_id, sentence),) = found.troubles
    assert item_id == 1
    assert record.items[0].sha256 in sentence
