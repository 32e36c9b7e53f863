"""What is kept between record and pictures changes nothing but the time that it takes."""

from __future__ import annotations

import io
import tempfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

from forensic_gui.domain.geometry import Box, Size
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.domain.reports.opinion import Opinion
from forensic_gui.domain.reports.pictures import PictureRef
from forensic_gui.domain.reports.plan import PictureKind, ReportPlan
from forensic_gui.services.reporting import painting
from forensic_gui.services.reporting.building import build_record
from forensic_gui.services.reporting.painting import Frame
from forensic_gui.services.reporting.pictures import CasePictures
from forensic_gui.services.reporting.seen import SeenItems
from tests.forensic_gui.services.reporting.made_cases import with_thumbnail

HEATMAP = Heatmap(np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4), Size(900, 600))


def test_kept_scores_are_those_of_the_heatmap():
    frame = Frame.whole(HEATMAP.size)
    with SeenItems() as seen:
        seen.put_scores("a" * 64, HEATMAP)
        assert np.array_equal(seen.scores("a" * 64, frame), painting.levels(HEATMAP, frame))


def test_nothing_is_kept_of_another_heatmap_or_for_another_picture():
    part = Frame.of_box(HEATMAP.size, Box(0, 0, 90, 60), longest_px=1000)
    with SeenItems() as seen:
        seen.put_scores("a" * 64, HEATMAP)
        assert seen.scores("b" * 64, Frame.whole(HEATMAP.size)) is None
        assert seen.scores("a" * 64, part) is None


def test_no_more_is_kept_than_there_is_room_for():
    with SeenItems(most_bytes=10) as seen:
        seen.put_scores("a" * 64, HEATMAP)
        seen.put_thumbnail("c" * 64, b"0123456789")
        seen.put_thumbnail("d" * 64, b"0")
        assert seen.scores("a" * 64, Frame.whole(HEATMAP.size)) is None
        assert (seen.thumbnail("c" * 64), seen.thumbnail("d" * 64)) == (b"0123456789", None)


def test_where_the_disk_takes_nothing_all_is_read_again(monkeypatch):
    def refuse(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with SeenItems() as seen:
        seen.put_thumbnail("c" * 64, b"0123456789")
        assert seen.thumbnail("c" * 64) is None


def test_many_threads_keep_and_find_what_is_theirs():
    with SeenItems() as seen, ThreadPoolExecutor(4) as threads:
        data = {f"{number:064}": bytes([number]) * (1 + number) for number in range(200)}
        list(threads.map(lambda item: seen.put_thumbnail(*item), data.items()))
        assert dict(zip(data, threads.map(seen.thumbnail, data), strict=True)) == data


def test_pictures_have_the_same_bytes_with_and_without(case, ports, tmp_path):
    photograph, thumbnail = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (64, 48), (200, 0, 0)).save(photograph, "JPEG")
    Image.new("RGB", (40, 30), (0, 200, 0)).save(thumbnail, "JPEG")
    (tmp_path / "thumb.jpg").write_bytes(with_thumbnail(photograph.getvalue(), thumbnail.getvalue()))
    case.add([tmp_path / "thumb.jpg"])
    made = []
    with SeenItems() as seen:
        record = build_record(case, opinion=Opinion(), plan=ReportPlan(), ports=ports, seen=seen)
        assert seen.scores(record.items[0].mask.heatmap_sha256, Frame.whole(Size(1280, 960))) is not None
        assert seen.thumbnail(record.items[3].sha256) == thumbnail.getvalue()
        refs = [PictureRef(item.id, kind) for item in record.items for kind in PictureKind]
        for each in (seen, None):
            with CasePictures(record, case=case, ports=ports, seen=each) as pictures:
                made.append([picture and picture.data for picture in map(pictures.get, refs)])
    assert made[0] == made[1]
