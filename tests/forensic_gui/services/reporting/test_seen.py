"""Scores that are kept between record and pictures change nothing but the time that it takes."""

from __future__ import annotations

import numpy as np

from forensic_gui.domain.geometry import Box, Size
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.domain.reports.opinion import Opinion
from forensic_gui.domain.reports.pictures import PictureRef
from forensic_gui.domain.reports.plan import PictureKind, ReportPlan
from forensic_gui.services.reporting import painting
from forensic_gui.services.reporting.building import build_record
from forensic_gui.services.reporting.painting import Frame
from forensic_gui.services.reporting.pictures import CasePictures
from forensic_gui.services.reporting.seen import SeenScores

HEATMAP = Heatmap(np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4), Size(900, 600))


def test_kept_scores_are_those_of_the_heatmap():
    seen, frame = SeenScores(), Frame.whole(HEATMAP.size)
    seen.put("a" * 64, HEATMAP)
    assert np.array_equal(seen.get("a" * 64, frame), painting.levels(HEATMAP, frame))


def test_nothing_is_kept_of_another_heatmap_or_for_another_picture():
    seen = SeenScores()
    seen.put("a" * 64, HEATMAP)
    part = Frame.of_box(HEATMAP.size, Box(0, 0, 90, 60), longest_px=1000)
    assert seen.get("b" * 64, Frame.whole(HEATMAP.size)) is None
    assert seen.get("a" * 64, part) is None


def test_no_more_is_kept_than_there_is_room_for():
    seen = SeenScores(most_bytes=10)
    seen.put("a" * 64, HEATMAP)
    assert seen.get("a" * 64, Frame.whole(HEATMAP.size)) is None


def test_pictures_have_the_same_bytes_with_and_without(case, ports):
    seen = SeenScores()
    record = build_record(case, opinion=Opinion(), plan=ReportPlan(), ports=ports, seen=seen)
    assert seen.get(record.items[0].mask.heatmap_sha256, Frame.whole(Size(1280, 960))) is not None
    refs = [PictureRef(1, kind) for kind in PictureKind]
    made = []
    for each in (seen, None):
        with CasePictures(record, case=case, ports=ports, seen=each) as pictures:
            made.append([picture and picture.data for picture in map(pictures.get, refs)])
    assert made[0] == made[1]
