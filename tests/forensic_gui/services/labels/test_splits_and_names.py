"""Splits keep together what shares a source; names are safe wherever they go."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain.annotation import Annotation
from forensic_gui.domain.errors import RequestError
from forensic_gui.domain.labels import LabelledImage
from forensic_gui.services.engine import source_photographs
from forensic_gui.services.labels.naming import ExportNames, portable_stem
from forensic_gui.services.labels.splits import UNSPLIT, Part, assign, parse_parts, source_groups

from .helpers import SIZE

HALVES = (Part("train", 0.5), Part("val", 0.5))


def images(*named: tuple[str, str]) -> list[LabelledImage]:
    """Images of (name, group)."""
    return [
        LabelledImage(number, name, hashlib.sha256(b"%d" % number).hexdigest(), Annotation(SIZE), group)
        for number, (name, group) in enumerate(named)
    ]


def split(listed: Sequence[LabelledImage], seed: int = 0, parts: Sequence[Part] = HALVES) -> dict[int, str]:
    return assign(listed, parts, seed=seed, sources_of_name=source_photographs)


@given(groups=st.lists(st.integers(0, 5), min_size=1, max_size=40), seed=st.integers(0, 1000))
def test_images_of_one_group_never_part(groups: list[int], seed: int) -> None:
    listed = images(*((f"IMG_{n}.jpg", f"scene {group}") for n, group in enumerate(groups)))
    assigned = split(listed, seed)
    for group in set(groups):
        assert len({assigned[image.item_id] for image in listed if image.group == f"scene {group}"}) == 1


def test_images_that_share_a_photograph_by_casias_names_stay_together_directly_or_through_others() -> None:
    listed = images(
        ("Tp_D_NRN_S_N_ani00001_sec00002_11111.jpg", ""),
        ("Au_ani_00001.jpg", ""),
        ("Tp_D_NRN_S_N_sec00002_nat00003_22222.jpg", ""),
        ("Au_nat_00004.jpg", ""),
    )
    groups = source_groups(listed, source_photographs)
    assert sorted(sorted(image.item_id for image in group) for group in groups) == [[0, 1, 2], [3]]


def test_images_of_one_name_but_no_group_are_split_on_their_own() -> None:
    assert len(source_groups(images(("IMG_1.jpg", ""), ("IMG_1.jpg", "")), source_photographs)) == 2


def test_shares_are_met_and_the_seed_decides_not_the_order_of_adding() -> None:
    listed = images(*((f"IMG_{n}.jpg", "") for n in range(100)))
    parts = parse_parts("train=0.7, val=0.2, test=0.1")
    assigned = split(listed, 5, parts)
    assert [list(assigned.values()).count(part.name) for part in parts] == [70, 20, 10]
    assert split(list(reversed(listed)), 5, parts) == assigned
    assert split(listed, 6, parts) != assigned


def test_without_a_split_there_is_one_part() -> None:
    assert set(split(images(("a.jpg", "")), parts=()).values()) == {UNSPLIT}


@pytest.mark.parametrize(
    "text",
    ["train", "train=much", "train=0.5,val=0.4", "a=0.5,A=0.5", "Tp=1", "../x=1", "images=1", "x=nan", "x=2,y=-1", "="],
)
def test_what_is_no_split_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(RequestError):
        parse_parts(text)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("IMG_0001.JPG", "IMG_0001"),
        ("Фото 1.jpg", "Фото 1"),
        ("=HYPERLINK(evil).png", "_=HYPERLINK(evil)"),
        ("@cmd.png", "_@cmd"),
        ("-rf.png", "_-rf"),
        ("con.jpg", "_con"),
        ("a.b.jpg", "a_b"),
        ("../../etc/passwd.jpg", "passwd"),
        ("..\\..\\boot.ini.jpg", "boot_ini"),
        ("new\nline,comma;\x00\u202egpj.png", "new_line_comma___gpj"),
        (".jpg", "_jpg"),
        ("   .png", "image"),
    ],
)
def test_names_are_kept_as_far_as_they_are_safe(name: str, stem: str) -> None:
    assert portable_stem(name) == stem


@given(st.lists(st.text(max_size=300), max_size=20))
def test_no_two_images_share_a_stem_and_none_leads_elsewhere(names: list[str]) -> None:
    given_names = ExportNames()
    stems = [given_names.take(name, sha256=str(number)) for number, name in enumerate(names)]
    assert len({stem.casefold() for stem in stems}) == len(names)
    for stem in stems:
        assert stem
        assert not set(stem) & set('./\\:*?"<>|,;\n\r\t\0')
        assert len(stem.encode("utf-8")) < 240
        assert not stem.startswith(("=", "+", "-", "@", " "))
