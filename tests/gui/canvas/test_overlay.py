"""What the analyst has drawn, painted over a frame: where it lies, what it looks like, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hypothesis_numpy

from forensic_gui.domain.annotation import Annotation, Region, RegionDetails
from forensic_gui.domain.geometry import Box, Orientation, Point, Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.palette import (
    ADDS_RGB,
    BOTH_RGB,
    DARK_RGB,
    LIGHT_RGB,
    MINE_ONLY_RGB,
    MODEL_ONLY_RGB,
    PROPOSED_RGB,
)
from forensic_gui.domain.prompt import NO_PROMPTS, PointPrompt, Prompts
from forensic_gui.views.canvas.annotated import (
    MOST_PLANES,
    NOTHING_DRAWN,
    AnnotationLayer,
    Drawn,
    PreviewLayer,
    annotation_layer,
    preview_layer,
)
from forensic_gui.views.canvas.camera import Camera, fitted
from forensic_gui.views.canvas.compose import Planes
from forensic_gui.views.canvas.frames import NOTHING_MADE, FrameCache, Painting, Shot, effort, make_frame
from forensic_gui.views.canvas.pyramid import build_pyramid
from forensic_gui.views.canvas.scene import LayerSettings

BARE = LayerSettings(heatmap_visible=False, contour_visible=False)


def planes_of(height: int, width: int, *, scores: np.ndarray | None = None) -> Planes:
    image = np.full((height, width, 3), 128, np.uint8)
    return Planes(build_pyramid(image), scores, scores)


def shot_of(
    planes: Planes, drawn: Drawn, settings: LayerSettings = BARE, *, scale: float = 1.0, line_px: int = 1
) -> Shot:
    """The whole image on a pane of its size at `scale`."""
    image = planes.pyramid.size
    pane = Size(round(image.width * scale), round(image.height * scale))
    painting = Painting(planes, settings, Point(0, 0), 1.0, "", drawn)
    return Shot(painting, Camera(Point(image.width / 2, image.height / 2), scale), pane, line_px)


def painted(shot: Shot) -> np.ndarray:
    """RGB of a frame, int (rows, columns, 3)."""
    frame = make_frame(shot).frame
    assert frame is not None
    return frame.pixels[..., 2::-1].astype(int)


def is_colour(picture: np.ndarray, rgb: tuple[int, int, int]) -> np.ndarray:
    return (picture == rgb).all(axis=2)


def labels_of(height: int, width: int, *areas: tuple[slice, slice]) -> np.ndarray:
    labels = np.zeros((height, width), np.uint8)
    for number, area in enumerate(areas, start=1):
        labels[area] = number
    return labels


def test_a_region_is_outlined_within_in_one_colour_and_without_in_another() -> None:
    labels = labels_of(61, 83, (slice(20, 40), slice(30, 60)))
    picture = painted(shot_of(planes_of(61, 83), Drawn(AnnotationLayer(labels))))
    blue, white = is_colour(picture, ADDS_RGB), is_colour(picture, LIGHT_RGB)
    assert blue[20, 30:60].all()
    assert blue[39, 30:60].all()
    assert blue[20:40, 30].all()
    assert not blue[21:39, 31:59].any()
    assert white[19, 30:60].all()
    assert white[40, 30:60].all()
    assert (picture[:18] == 128).all()
    assert (picture[22:38, 32:58] == 128).all()


def test_two_regions_that_touch_are_told_apart_by_a_line() -> None:
    labels = labels_of(60, 80, (slice(10, 50), slice(10, 40)), (slice(10, 50), slice(40, 70)))
    picture = painted(shot_of(planes_of(60, 80), Drawn(AnnotationLayer(labels))))
    assert is_colour(picture, ADDS_RGB)[12:48, 39:41].all()


def test_the_selected_region_has_the_wider_line() -> None:
    labels = labels_of(60, 120, (slice(10, 50), slice(10, 50)), (slice(10, 50), slice(70, 110)))
    picture = painted(shot_of(planes_of(60, 120), Drawn(AnnotationLayer(labels, selected=2))))
    blue = is_colour(picture, ADDS_RGB)[30]
    assert blue[10:50].sum() == 2
    assert blue[70:110].sum() == 4


def test_a_hole_of_a_region_is_a_hole_on_screen() -> None:
    labels = labels_of(60, 80, (slice(10, 50), slice(10, 70)))
    labels[25:35, 30:50] = 0
    settings = replace(BARE, regions_filled=True, regions_opacity=1.0)
    picture = painted(shot_of(planes_of(60, 80), Drawn(AnnotationLayer(labels)), settings))
    assert is_colour(picture, ADDS_RGB)[15, 40]
    assert (picture[30, 33:47] == 128).all()


def drawn_regions(height: int, width: int, *insides: np.ndarray, selected: int | None = None) -> Drawn:
    """Regions with the ids «1», «2», … prepared for an upright image."""
    details = RegionDetails(author="A", time="2026-01-01T00:00:00+00:00")
    regions = tuple(Region(str(number), Mask.of(inside), details) for number, inside in enumerate(insides, start=1))
    annotation = Annotation(Size(width, height), regions)
    chosen = None if selected is None else str(selected)
    return Drawn(annotation_layer(annotation, orientation=Orientation.UPRIGHT, selected=chosen))


def area_of(height: int, width: int, area: tuple[slice, slice]) -> np.ndarray:
    inside = np.zeros((height, width), bool)
    inside[area] = True
    return inside


@pytest.mark.parametrize("selected", [None, 1, 2])
def test_a_region_within_a_larger_later_one_is_outlined_whole_with_its_hole(selected: int | None) -> None:
    small, large = area_of(90, 120, np.s_[30:60, 40:80]), area_of(90, 120, np.s_[10:80, 10:110])
    small[42:48, 55:65] = False
    drawn = drawn_regions(90, 120, small, large, selected=selected)
    blue = is_colour(painted(shot_of(planes_of(90, 120), drawn)), ADDS_RGB)
    wide = {1: [1, 1, 1, 1], 2: [1, 1, 1, 1]} | ({} if selected is None else {selected: [2, 2, 2, 2]})
    at_the_hole, at_the_large_one = blue[45], blue[20]
    assert [at_the_hole[40:45].sum(), at_the_hole[50:55].sum(), at_the_hole[65:70].sum(), at_the_hole[75:80].sum()] == (
        wide[1]
    )
    assert [at_the_large_one[10:15].sum(), at_the_large_one[105:110].sum()] == wide[2][:2]


def test_the_selected_of_two_regions_that_cross_lies_on_top_whole() -> None:
    lying, standing = area_of(90, 120, np.s_[30:60, 10:110]), area_of(90, 120, np.s_[5:85, 40:80])
    picture = painted(shot_of(planes_of(90, 120), drawn_regions(90, 120, lying, standing, selected=1)))
    assert is_colour(picture, ADDS_RGB)[30:32, 14:106].all()
    assert is_colour(picture, ADDS_RGB)[58:60, 14:106].all()


def test_regions_that_do_not_overlap_share_one_plane_and_those_that_do_are_kept_apart_up_to_a_limit() -> None:
    left, right = area_of(40, 60, np.s_[5:35, 5:25]), area_of(40, 60, np.s_[5:35, 30:55])
    beside = drawn_regions(40, 60, left, right).annotation
    assert beside is not None and len(beside.planes) == 1 and beside.planes[0] is beside.labels
    crossing = drawn_regions(40, 60, left, right, area_of(40, 60, np.s_[10:20, 10:50]), left).annotation
    assert crossing is not None
    planes = np.stack(crossing.planes)
    assert planes.shape[0] == 3
    assert [np.unique(plane).tolist() for plane in planes] == [[0, 1, 2], [0, 3], [0, 4]]
    heap = drawn_regions(40, 60, *[left] * (MOST_PLANES + 5)).annotation
    assert heap is not None and len(heap.planes) == MOST_PLANES
    assert heap.planes[-1].max() == MOST_PLANES + 5


def test_regions_over_each_other_are_reckoned_with_before_they_are_painted() -> None:
    planes = planes_of(40, 60)
    left = area_of(40, 60, np.s_[5:35, 5:25])
    costs = [effort(shot_of(planes, drawn_regions(40, 60, *[left] * count)), under=NOTHING_MADE) for count in (1, 2, 4)]
    assert costs[0] < costs[1] < costs[2]
    assert costs[2] - costs[1] == pytest.approx(2 * (costs[1] - costs[0]))


def test_regions_are_filled_with_the_opacity_of_the_fill() -> None:
    labels = labels_of(60, 80, (slice(10, 50), slice(10, 70)))
    settings = replace(BARE, regions_filled=True, regions_opacity=0.5)
    picture = painted(shot_of(planes_of(60, 80), Drawn(AnnotationLayer(labels)), settings))
    expected = np.add(ADDS_RGB, 128) / 2
    assert picture[30, 40] == pytest.approx(expected, abs=1)


@pytest.mark.parametrize("scale", [0.37, 1.0, 2.0, 5.5])
@pytest.mark.parametrize("orientation", [Orientation.UPRIGHT, Orientation.ROTATED_90_CW, Orientation.TRANSVERSED])
def test_what_is_filled_on_screen_is_what_the_mask_says_under_each_screen_pixel(
    scale: float, orientation: Orientation
) -> None:
    inside = np.random.default_rng(3).random((67, 101)) < 0.5
    inside = cv2.resize(inside.astype(np.uint8), None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)[:267, :403] > 0
    details = RegionDetails(author="A", time="2026-01-01T00:00:00+00:00")
    annotation = Annotation(Size.of(inside), (Region("r", Mask.of(inside), details),))
    layer = annotation_layer(annotation, orientation=orientation, selected=None)
    view = orientation.apply(inside)
    planes = planes_of(*view.shape)
    settings = replace(BARE, regions_filled=True, regions_opacity=1.0)
    shot = shot_of(planes, Drawn(layer), settings, scale=scale)
    picture = painted(shot)
    for row in range(1, picture.shape[0] - 1, 7):
        for column in range(1, picture.shape[1] - 1, 7):
            point = shot.camera.to_view(Point(column + 0.5, row + 0.5), pane=shot.pane)
            if view[point.pixel]:
                assert tuple(picture[row, column]) == ADDS_RGB
            else:
                assert tuple(picture[row, column]) in ((128, 128, 128), LIGHT_RGB)


def test_nothing_is_shown_of_regions_that_are_switched_off_but_the_proposal_is() -> None:
    labels = labels_of(60, 80, (slice(10, 50), slice(10, 70)))
    planes = planes_of(60, 80)
    settings = replace(BARE, regions_visible=False, regions_filled=True)
    assert (painted(shot_of(planes, Drawn(AnnotationLayer(labels)), settings)) == 128).all()
    drawn = Drawn(AnnotationLayer(labels), PreviewLayer(labels > 0))
    assert is_colour(painted(shot_of(planes, drawn, settings)), PROPOSED_RGB).any()


def test_a_source_and_a_proposal_are_dashed_along_every_edge_each_in_its_colours() -> None:
    mask = np.zeros((120, 160), bool)
    mask[20:100, 20:140] = True
    labels = labels_of(120, 160, (slice(50, 60), slice(60, 70)))
    planes = planes_of(120, 160)
    for drawn, first, second in (
        (Drawn(AnnotationLayer(labels, selected=1, source=mask)), ADDS_RGB, LIGHT_RGB),
        (Drawn(None, PreviewLayer(mask)), PROPOSED_RGB, DARK_RGB),
    ):
        picture = painted(shot_of(planes, drawn))
        for edge in (np.s_[20, 25:135], np.s_[99, 25:135], np.s_[25:95, 20], np.s_[25:95, 139]):
            along = picture[edge]
            colours = {tuple(pixel) for pixel in along}
            assert colours == {first, second}
            changes = (along[1:] != along[:-1]).any(axis=1).sum()
            assert changes >= 8, "dashes, not two halves"


def test_a_proposal_lets_the_image_through() -> None:
    mask = np.ones((60, 80), bool)
    picture = painted(shot_of(planes_of(60, 80), Drawn(None, PreviewLayer(mask))))
    assert 128 < picture[30, 40, 0] < 220


def test_the_difference_has_three_colours_and_says_nothing_where_both_say_nothing() -> None:
    scores = np.zeros((60, 80), np.float32)
    scores[10:50, 10:50] = 1
    labels = labels_of(60, 80, (slice(10, 50), slice(30, 70)))
    settings = replace(BARE, difference_visible=True, regions_visible=False)
    planes = planes_of(60, 80, scores=scores)
    picture = painted(shot_of(planes, Drawn(AnnotationLayer(labels)), settings))
    for column, rgb in ((20, MODEL_ONLY_RGB), (40, BOTH_RGB), (60, MINE_ONLY_RGB)):
        assert picture[30, column] == pytest.approx(0.65 * np.array(rgb) + 0.35 * 128, abs=1.5)
    assert (picture[:9] == 128).all()
    assert (picture[30, 75] == 128).all()


def test_the_difference_follows_the_threshold() -> None:
    scores = np.full((60, 80), 0.4, np.float32)
    planes = planes_of(60, 80, scores=scores)
    drawn = Drawn(AnnotationLayer(labels_of(60, 80)))
    settings = replace(BARE, difference_visible=True)
    assert (painted(shot_of(planes, drawn, replace(settings, threshold=0.5))) == 128).all()
    assert (painted(shot_of(planes, drawn, replace(settings, threshold=0.3))) != 128).any(axis=2).all()


def test_without_scores_or_without_an_annotation_there_is_no_difference() -> None:
    settings = replace(BARE, difference_visible=True)
    labels = labels_of(60, 80)
    assert (painted(shot_of(planes_of(60, 80), Drawn(AnnotationLayer(labels)), settings)) == 128).all()
    scored = planes_of(60, 80, scores=np.ones((6, 8), np.float32))
    assert (painted(shot_of(scored, NOTHING_DRAWN, settings)) == 128).all()


def test_painting_over_kept_parts_is_painting_anew_and_leaves_them_as_they_were() -> None:
    rng = np.random.default_rng(0)
    planes = planes_of(121, 163, scores=rng.random((12, 16), dtype=np.float32))
    settings = LayerSettings(fill_visible=True, regions_filled=True, difference_visible=True)
    labels = labels_of(121, 163, (slice(10, 90), slice(30, 120)))
    one = Drawn(AnnotationLayer(labels, selected=1), PreviewLayer(labels > 0))
    variants = [
        (one, settings),
        (replace(one, preview=PreviewLayer(labels == 0)), settings),
        (Drawn(AnnotationLayer(labels.copy()), one.preview), settings),
        (one, replace(settings, regions_filled=False)),
        (one, replace(settings, regions_opacity=0.8)),
        (one, replace(settings, regions_visible=False)),
        (one, replace(settings, difference_visible=False)),
        (one, replace(settings, threshold=0.7)),
        (NOTHING_DRAWN, settings),
    ]
    first = shot_of(planes, one, settings, scale=1.7)
    for drawn, changed in variants:
        cache = FrameCache()
        base = make_frame(first)
        assert base.ground is not None
        assert base.masked is not None
        kept = (base.ground.pixels.copy(), base.masked.copy())
        cache.keep(first, base)
        shot = shot_of(planes, drawn, changed, scale=1.7)
        under = cache.under(shot)
        assert under.ground is not None
        made, anew = make_frame(shot, under=under).frame, make_frame(shot).frame
        assert made is not None
        assert anew is not None
        assert np.array_equal(made.pixels, anew.pixels)
        assert np.array_equal(base.ground.pixels, kept[0])
        assert np.array_equal(base.masked, kept[1])


def test_a_stroke_costs_less_than_a_frame_and_a_proposal_alone_less_than_both() -> None:
    planes = planes_of(121, 163, scores=np.ones((12, 16), np.float32))
    labels = labels_of(121, 163, (slice(10, 90), slice(30, 120)))
    cache = FrameCache()
    before = shot_of(planes, Drawn(AnnotationLayer(labels)), LayerSettings())
    cache.keep(before, make_frame(before))
    stroke = shot_of(planes, Drawn(AnnotationLayer(labels.copy()), PreviewLayer(labels > 0)), LayerSettings())
    hover = shot_of(planes, replace(before.painting.drawn, preview=PreviewLayer(labels > 0)), LayerSettings())
    costs = [effort(hover, under=cache.under(hover)), effort(stroke, under=cache.under(stroke))]
    assert costs[0] < costs[1] < effort(stroke, under=NOTHING_MADE)


def test_a_layer_of_another_size_is_refused() -> None:
    small = AnnotationLayer(np.zeros((5, 7), np.uint8))
    with pytest.raises(ValueError, match="8x5"):
        Drawn(small).require_size(Size(8, 5))
    Drawn(small).require_size(Size(7, 5))
    with pytest.raises(ValueError, match="8x5"):
        Drawn(None, PreviewLayer(np.zeros((8, 5), bool))).require_size(Size(8, 5))
    with pytest.raises(ValueError, match="7x5"):
        Drawn(replace(small, source=np.zeros((2, 2), bool))).require_size(Size(7, 5))


def test_prompts_of_the_proposal_come_before_those_of_the_selected_region() -> None:
    region = Prompts(box=Box(0, 0, 5, 5))
    proposal = Prompts(points=(PointPrompt(Point(1, 1)),))
    annotation = AnnotationLayer(np.zeros((9, 9), np.uint8), prompts=region)
    assert NOTHING_DRAWN.prompts == NO_PROMPTS
    assert Drawn(annotation).prompts == region
    layer = preview_layer(Mask.empty(Size(9, 9)), orientation=Orientation.UPRIGHT, prompts=proposal)
    assert Drawn(annotation, layer).prompts == proposal


def test_small_regions_of_a_large_image_are_painted_where_the_camera_looks() -> None:
    labels = labels_of(3000, 4000, (slice(1500, 1520), slice(2000, 2030)))
    planes = planes_of(3000, 4000)
    pane = Size(401, 303)
    painting = Painting(planes, BARE, Point(0, 0), 1.0, "", Drawn(AnnotationLayer(labels)))
    near = painted(Shot(painting, Camera(Point(2015, 1510), 8.0), pane, 2))
    rows, columns = np.nonzero(is_colour(near, ADDS_RGB))
    assert columns.max() - columns.min() + 1 == 30 * 8
    assert rows.max() - rows.min() + 1 == 20 * 8
    far = painted(Shot(painting, fitted(Size(4000, 3000), pane=pane), pane, 2))
    rows, columns = np.nonzero(is_colour(far, ADDS_RGB))
    assert columns.mean() == pytest.approx(200, abs=3)


@given(
    inside=hypothesis_numpy.arrays(np.bool_, hypothesis_numpy.array_shapes(min_dims=2, max_dims=2, max_side=9)),
    orientation=st.sampled_from(list(Orientation)),
)
def test_layers_are_the_masks_in_view_orientation(inside: np.ndarray, orientation: Orientation) -> None:
    details = RegionDetails(author="A", time="2026-01-01T00:00:00+00:00")
    mask = Mask.of(inside)
    over = np.zeros_like(inside)
    over[: inside.shape[0] // 2] = True
    regions = (Region("a", mask, details, source=Mask.of(~inside)), Region("b", Mask.of(over), details))
    layer = annotation_layer(Annotation(mask.size, regions), orientation=orientation, selected="a")
    assert np.array_equal(layer.labels, orientation.apply(np.where(over, 2, inside.astype(np.uint8))))
    assert layer.source is not None
    assert np.array_equal(layer.source, orientation.apply(~inside))
    preview = preview_layer(mask, orientation=orientation, prompts=NO_PROMPTS)
    assert preview.mask.dtype == np.bool_
    assert np.array_equal(preview.mask, orientation.apply(inside))
