"""The HTML report: one file that shows everything, and in which nothing runs, fetches or leads out."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from forensic_gui.domain.reports.record import ReportRecord, SignedOff, record_hash
from forensic_gui.report.compose import compose
from forensic_gui.report.html.page import POLICY, RECORD_ID, render_html
from forensic_gui.report.template import load_template
from tests.forensic_gui.report.allowed import AllowedCheck
from tests.forensic_gui.report.made_parts import MadePictures
from tests.forensic_gui.report.made_records import (
    ARABIC_NAME,
    HEBREW_NAME,
    HOSTILE_NAMES,
    OPINION,
    REVIEWS,
    empty_record,
    hostile_record,
    made_item,
    made_record,
    many_items_record,
    mixed_record,
)
from tests.forensic_gui.report.wording import texts_of

TEMPLATE = load_template()


class StoppedError(Exception):
    """Raised by a tick."""


def html_of(
    record: ReportRecord,
    *,
    signed_off: SignedOff | None = None,
    pictures: MadePictures | None = None,
    tick: Callable[[int, int], None] = lambda _done, _total: None,
) -> str:
    out = io.BytesIO()
    record_json = record.to_json()
    digest = record_hash(record_json)
    document = compose(record, record_sha256=digest, signed_off=signed_off or SignedOff(), template=TEMPLATE)
    render_html(
        document,
        out,
        pictures=pictures or MadePictures(missing=frozenset({6, 7})),
        record_json=record_json,
        record_sha256=digest,
        tick=tick,
    )
    return out.getvalue().decode("utf-8")


def looked_through(html: str) -> AllowedCheck:
    check = AllowedCheck()
    check.feed(html)
    check.close()
    return check


def given(check: AllowedCheck, tag: str) -> list[dict[str, str]]:
    return [attributes for name, attributes in check.elements if name == tag]


@pytest.mark.parametrize(
    "make", [made_record, mixed_record, empty_record, hostile_record], ids=lambda make: make.__name__
)
@pytest.mark.parametrize("language", ["en", "de"])
def test_nothing_but_what_is_allowed_is_in_the_file(make, language):
    record = make()
    html = html_of(replace(record, plan=replace(record.plan, language=language)))
    assert looked_through(html).finished() == []
    assert f'<html lang="{language}" dir="ltr">' in html
    assert "http" not in re.sub(r'http-equiv="Content|&lt;.*?&gt;', "", html.partition("<pre hidden")[0])


def test_a_hostile_report_has_the_same_elements_as_a_harmless_one():
    """Elements are counted: names that could write one would make a difference."""
    hostile = hostile_record()
    items = tuple(
        replace(item, name="a", source="a", added_by="a", group="a", tags=("a",), last_edit=("a", "a"))
        for item in hostile.items
    )
    tagged = tuple(replace(item, metadata={**item.metadata, "tags": [["a", "a", "a"]]}) for item in items)
    mild = [tag for tag, _ in looked_through(html_of(replace(hostile, items=tagged))).elements]
    wild = [tag for tag, _ in looked_through(html_of(hostile)).elements]
    assert wild == mild


def test_hostile_texts_are_read_as_they_were_written():
    text = "".join(looked_through(html_of(hostile_record())).text)
    for name in HOSTILE_NAMES:
        shown = name.encode("ascii", "backslashreplace").decode() if "\ud800" in name else name
        shown = shown.replace("\u202e", "\\u202e").replace("\x00", "\\x00").replace("\x1b", "\\x1b")
        assert shown.replace("\r\n", "\\r\\n") in text


def test_marks_that_turn_the_writing_round_are_not_in_the_file():
    html = html_of(hostile_record())
    assert not set(html) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\x00\x1b\r")


def test_names_from_right_to_left_are_kept_from_their_surroundings():
    html = html_of(mixed_record())
    for name in (HEBREW_NAME, ARABIC_NAME):
        assert f'<dd><bdi dir="ltr">{name}</bdi></dd>' in html
        assert f'<td><bdi dir="ltr">{name}</bdi></td>' in html


def test_a_persons_words_run_as_each_line_is_written():
    html = html_of(made_record(opinion=replace(OPINION, observations=f"{HEBREW_NAME}\nsecond line")))
    assert f'<p class="words"><bdi>{HEBREW_NAME}</bdi>\n<bdi>second line</bdi></p>' in html


def test_words_of_several_lines_are_one_line_where_there_is_room_for_one():
    several = replace(OPINION, title="One\ntwo", place="Lon\r\ndon", reference="A 1\nB 2")
    html = html_of(made_record(opinion=several))
    assert "<h1><bdi>One two</bdi></h1>" in html
    assert '<span class="above"><bdi dir="ltr">Lon don</bdi></span>' in html
    assert '<dd class="words"><bdi>A 1</bdi>\n<bdi>B 2</bdi></dd>' in html


def test_everything_of_the_document_is_in_the_file():
    record = mixed_record()
    document = compose(record, record_sha256="0" * 64, signed_off=SignedOff(), template=TEMPLATE)
    text = "".join(looked_through(html_of(record)).text)
    shown = {part for whole in texts_of(document) for part in whole.split("\n")}
    unique = {record_hash(record.to_json())[:12], "0" * 12, "0" * 64, document.page_of, document.footer}
    unique.add(TEMPLATE.words["en"]("items.no_picture"))  # there is every one of them
    assert not [part for part in shown - unique if part not in text]


def test_the_record_can_be_read_back_byte_by_byte():
    record = hostile_record()
    html = html_of(record)
    (element,) = re.findall(rf'<pre hidden id="{RECORD_ID}" data-sha256="([0-9a-f]{{64}})">', html)
    held = "".join(looked_through(html).text)
    assert element == record_hash(record.to_json())
    assert record.to_json() in held


def test_pictures_are_within_the_file_with_a_text_for_those_who_cannot_see_them():
    pictures = MadePictures()
    images = given(looked_through(html_of(made_record(), pictures=pictures)), "img")
    assert len(images) == len(pictures.asked) == 7
    kind, _, data = images[0]["src"].partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(data).startswith(b"\x89PNG")
    assert all(image["alt"] for image in images)
    assert (images[0]["width"], images[0]["height"]) == ("180", "120")


def test_a_picture_that_is_missing_leaves_a_sentence():
    html = html_of(made_record(), pictures=MadePictures(missing=frozenset({1})))
    assert not given(looked_through(html), "img")
    assert html.count('<div class="missing"><bdi>no picture could be made when this file was written</bdi></div>') == 7


def test_the_table_of_contents_leads_to_every_chapter_and_item():
    check = looked_through(html_of(mixed_record()))
    anchors = {attributes["id"] for _, attributes in check.elements if "id" in attributes}
    targets = [link["href"].removeprefix("#") for link in given(check, "a")]
    assert set(targets) <= anchors
    assert len(targets) == len(set(targets)) == 9 + 11 + 7 + 3
    assert len(anchors) == sum("id" in attributes for _, attributes in check.elements)


def test_headings_go_down_without_a_gap():
    levels = [int(tag[1]) for tag, _ in looked_through(html_of(mixed_record())).elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize(
    ("record", "mark"),
    [(empty_record(), "DRAFT"), (empty_record(plan=replace(empty_record().plan, language="de")), "ENTWURF · DRAFT")],
    ids=["en", "de"],
)
def test_a_draft_says_so_on_the_screen_and_on_every_printed_page(record, mark):
    html = html_of(record)
    assert f'<p class="mark" role="note">{mark}</p>' in html
    assert f'<div class="watermark" aria-hidden="true">{mark}</div>' in html
    assert "position: fixed" in html
    head = "".join(each if each.isalnum() else f"\\{ord(each):06x}" for each in mark)
    assert f'@top-center {{ content: "{head}";' in html


def test_an_approved_report_has_no_mark():
    html = html_of(made_record(), signed_off=SignedOff(REVIEWS))
    assert 'class="mark"' not in html
    assert 'class="watermark"' not in html


def test_an_unreviewed_report_says_so_at_the_head_and_not_across_the_page():
    html = html_of(made_record())
    assert '<p class="mark" role="note">NOT REVIEWED</p>' in html
    assert 'class="watermark"' not in html


def test_a_command_can_be_copied_whole_out_of_the_page():
    html = html_of(made_record())
    assert f'<span class="whole">{made_record().trail.head}</span> <span class="whole">\\</span><br>' in html


def test_a_superseded_report_says_by_which():
    assert '<p class="mark" role="note">SUPERSEDED by revision 3</p>' in html_of(
        made_record(), signed_off=SignedOff(superseded_by=3)
    )


def test_what_is_printed_at_the_foot_cannot_end_the_style_sheet():
    record = made_record()
    html = html_of(replace(record, case=replace(record.case, name='";}</style><script>')))
    assert looked_through(html).finished() == []
    style = html.partition("<style>")[2].partition("</style>")[0]
    assert "<" not in style
    assert "\\000022\\00003b\\00007d" in style


def test_the_policy_comes_before_anything_that_it_could_be_too_late_for():
    html = html_of(made_record())
    assert html.index(POLICY.replace("'", "&#39;")) < html.index("<style>")


def test_the_same_report_gives_the_same_bytes():
    assert html_of(mixed_record()) == html_of(mixed_record())


def test_every_item_is_told_before_it_is_written_and_the_end_too():
    told: list[tuple[int, int]] = []
    html_of(many_items_record(5), tick=lambda done, total: told.append((done, total)))
    assert told == [(0, 5), (1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]


def test_writing_stops_where_the_one_who_is_told_stops_it():
    pictures = MadePictures()

    def stop(done: int, total: int) -> None:
        if done == 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        html_of(many_items_record(5), pictures=pictures, tick=stop)
    assert {ref.item_id for ref in pictures.asked} == {1, 2}


def test_the_file_is_written_in_pieces_that_hold_less_than_an_item():
    class Pieces(io.RawIOBase):
        def __init__(self) -> None:
            self.sizes: list[int] = []

        def writable(self) -> bool:
            return True

        def write(self, data) -> int:
            self.sizes.append(len(data))
            return len(data)

    record = made_record([made_item(number) for number in range(1, 31)])
    out, record_json = Pieces(), "{}"
    document = compose(record, record_sha256="0" * 64, signed_off=SignedOff(), template=TEMPLATE)
    values = {"pictures": MadePictures(), "record_json": record_json, "record_sha256": "0" * 64}
    render_html(document, out, tick=lambda _done, _total: None, **values)
    assert sum(out.sizes) > 20 * max(out.sizes)


def test_dates_and_shares_do_not_part_at_a_lines_end_and_nothing_else_is_touched():
    item = made_item(1, source="<b>2026-01-02</b> & 3.5 %")
    html = html_of(made_record([item]))
    date, share = '<span class="whole">2026-01-02</span>', '<span class="whole">3.5 %</span>'
    assert f"&lt;b&gt;{date}&lt;/b&gt; &amp; {share}" in html
