"""What a report prints of items, findings and weights, and within which limits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forensic_gui.domain.reports.plan import PictureKind
from forensic_gui.domain.reports.record import SignedOff
from forensic_gui.report.document import (
    ColourScale,
    Figures,
    Heading,
    Notice,
    Table,
    Tone,
    Weight,
)
from forensic_gui.report.sections.context import rough_percent
from forensic_gui.report.sections.item_model import INFERNO
from forensic_gui.services.rendering import Colormap, colormap_table
from tests.forensic_gui.report.composed_documents import chapter, composed, facts_of, text_of, warnings_of
from tests.forensic_gui.report.made_parts import made_card, made_error_rates, made_finding, made_weights
from tests.forensic_gui.report.made_records import (
    altered_item,
    bare_item,
    made_item,
    made_record,
    many_items_record,
    mixed_record,
    unreadable_item,
    untouched_item,
)
from tests.forensic_gui.report.wording import texts_of


def test_what_is_not_there_is_not_printed_as_a_number_or_a_word_of_the_program():
    section = chapter(composed(made_record([made_item(1, finding={**made_finding(), "tiles": 0})])), "items")
    assert facts_of(section)["Mark of the whole image"].value == "not marked"
    assert facts_of(section)["Tiles at native resolution"].value == "none"
    assert "(as XMP, IPTC, Photoshop, maker notes) the content was not read" in text_of(section)


def test_parameters_have_a_line_each_and_those_within_others_both_names():
    nested = {**made_finding(), "parameters": {"dtype": "float32", "tiles": {"overlap_px": 56, "side_px": 224}}}
    decoding = {**made_item(1).decoding, "decoder_parameters": {"max_pixels": 9, "draft": {"side": 4}}}
    document = composed(made_record([made_item(1, finding=nested, decoding=decoding)]))
    tables = [block for block in chapter(document, "weights").blocks if isinstance(block, Table)]
    (rows,) = (table.rows for table in tables if table.caption == "Parameters")
    assert rows == (("dtype", "float32"), ("tiles.overlap_px", "56"), ("tiles.side_px", "224"))
    shown = facts_of(chapter(document, "items"))["Parameters of the decoder"]
    assert (shown.value, shown.tone) == ("draft.side = 4\nmax_pixels = 9", Tone.WORDS)


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        (unreadable_item(1), "No pixels could be made of this item: Pillow could not decode the file"),
        (altered_item(1), "The case's copy of this item is not what was added, or is missing."),
        (bare_item(1), "No model has looked at this item: there is no finding."),
        (bare_item(1), "There is no region of the analyst in this item."),
        (untouched_item(1), "«no manipulation found»"),
        (made_item(1), "none pinned"),
        (made_item(1), "Said by the file of itself (ExifRead 3.5.1)"),
        (made_item(1), "never relied on alone"),
    ],
)
def test_what_is_special_about_an_item_is_said_in_a_sentence(item, sentence):
    assert sentence in text_of(chapter(composed(made_record([item])), "items"))


def test_a_finding_is_printed_with_everything_that_determined_it():
    section = chapter(composed(made_record()), "items")
    shown = {label: fact.value for label, fact in facts_of(section).items()}
    assert shown["Threshold"] == "0.5 (from the card of the weights)"
    assert shown["Over the threshold"] == "7.46 % (9 600 pixels)"
    assert shown["Weights"] == "boxprompt-joint"
    assert shown["SHA-256 of the weights"] == made_weights().sha256
    assert shown["Runtime, device"] == "openvino 2026.4.1, torch 2.13.0; cpu"
    assert shown["Parameters, computer"] == "set 1 of those in the chapter on weights"
    assert shown["Reading of the scores"] == "not given: this item is unlike the images that it was measured on"
    (scale,) = (block for block in section.blocks if isinstance(block, ColourScale))
    assert scale.threshold == 0.5


@pytest.mark.parametrize(
    ("origin", "source", "chosen"),
    [
        ("best on the development set", "weights card", "the set on which threshold and calibration were chosen"),
        ("best on the development set", "request", "the set on which the calibration was chosen"),
        ("best on other images", "weights card", "the set on which the calibration was chosen"),
    ],
)
def test_a_reading_names_the_images_it_was_chosen_on_in_two_digits(origin, source, chosen):
    finding = {**made_finding(), "remarks": [], "threshold_source": source}
    used = made_weights(card={**made_card(), "threshold_origin": origin})
    section = chapter(composed(made_record([made_item(1, finding=finding)], weights=(used,))), "items")
    reading = facts_of(section)["Reading of the scores"].value
    assert reading.startswith(f"Of the 887 images of «development set», {chosen}, 4.3 % of all pixels were manipulated")
    assert "a score of 0.5 (the threshold) it was 26 %" in reading


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        *((0.0, "0 %"), (0.00005, "< 0.01 %"), (0.0012, "0.12 %"), (0.0433, "4.3 %"), (0.26, "26 %")),
        *((0.989, "99 %"), (0.9999, "> 99 %"), (1.0, "100 %")),
    ],
)
def test_shares_of_a_reading_have_two_digits_and_are_never_rounded_to_none_or_to_all(share, shown):
    assert rough_percent(share) == shown


@pytest.mark.parametrize(
    ("is_shipped", "shown"),
    [(True, "they ship with the program"), (False, "fine-tuned from others and scored, as their card alone says")],
)
def test_weights_say_where_they_come_from_and_not_that_they_are_valid(is_shipped, shown):
    section = chapter(composed(made_record(weights=(made_weights(is_shipped=is_shipped),))), "weights")
    assert facts_of(section)["Where they come from"].value.startswith(shown)
    assert "Validated" not in facts_of(section)


def test_the_scale_has_the_colours_that_heatmaps_are_drawn_in():
    table = colormap_table(Colormap.INFERNO)
    steps = [tuple(table[round(index * 255 / (len(INFERNO) - 1))]) for index in range(len(INFERNO))]
    furthest = max(
        abs(int(a) - int(b)) for one, other in zip(steps, INFERNO, strict=True) for a, b in zip(one, other, strict=True)
    )
    assert furthest <= 2


def test_regions_of_the_analyst_stand_apart_with_author_time_and_origin():
    section = chapter(composed(made_record()), "items")
    regions = next(block for block in section.blocks if isinstance(block, Table) and "Made by" in block.header)
    assert regions.rows[0][4:6] == ("hand", "Grace Hopper, 2026-03-01 10:58:03 UTC")
    assert regions.rows[1][1] == "copy-move, source drawn"
    assert regions.rows[1][4].startswith("segmenter mobile-sam, ")
    assert regions.rows[1][4].endswith("…; prompts: box, then changed by hand")
    assert facts_of(section)["Both"].value == "4.36 % (5 900 pixels)"


def test_pictures_are_asked_for_only_where_there_is_something_to_show():
    def kinds(item):
        section = chapter(composed(made_record([item])), "items")
        figures = (figure for block in section.blocks if isinstance(block, Figures) for figure in block.figures)
        return [figure.picture.kind.value for figure in figures]

    everything = ["original", "overlay", "heatmap", "mask", "regions", "difference", "embedded thumbnail"]
    assert kinds(made_item(1)) == everything
    assert kinds(bare_item(1)) == ["original"]
    assert kinds(unreadable_item(1)) == []
    assert kinds(altered_item(1)) == []


def test_pinned_views_have_the_examiners_caption_and_their_place():
    section = chapter(composed(mixed_record()), "items")
    captions = [figure.caption for block in section.blocks if isinstance(block, Figures) for figure in block.figures]
    pinned = [caption for caption in captions if "stored pixels" in caption]
    place = "part from x 100, y 60 to x 220, y 140, in stored pixels from the top left corner"
    assert pinned == [
        f"the arm of the crane — Original, reduced where it is larger than the page needs; {place}",
        f"Heatmap over the image, with the mask's border (derivative); {place}",
    ]


@pytest.mark.parametrize("weights", [(made_weights(is_validated=False),), ()], ids=["not validated", "not at hand"])
def test_findings_of_unvalidated_weights_are_marked_at_the_item(weights):
    section = chapter(composed(made_record(weights=weights)), "items")
    assert warnings_of(section)[0].startswith("Unvalidated weights")
    assert not warnings_of(chapter(composed(made_record()), "items"))[0].startswith("Unvalidated")


def test_weights_are_described_once_however_many_items_they_were_used_on():
    document = composed(many_items_record(30))
    limit = "Recompression below quality 75 takes away much of what it finds."
    assert "\n".join(texts_of(document)).count(limit) == 1
    tables = [block for block in chapter(document, "weights").blocks if isinstance(block, Table)]
    (fast,) = (table for table in tables if table.caption.startswith("View «fast» at its threshold of 0.5"))
    assert fast.rows[1][:2] == ("JPEG, quality 70", "2.2 % [0.8, 3.8]")
    assert fast.rows[2][:2] == ("as by a sharing service, 960 px, quality 70", "–")


def test_error_rates_are_not_rounded_to_none_or_to_all():
    small = {
        "condition": "undegraded",
        "untouched_pixels": [0.0004, 0.0, 0.0009],
        "untouched_images": [0.2, 0.1, 0.3],
        "untouched_images_over_one_percent": None,
        "missed": [0.9996, 0.9991, 1.0],
        "f1": None,
    }
    measured = {**made_error_rates("thorough"), "conditions": [small]}
    section = chapter(composed(made_record(weights=(made_weights(error_rates=(measured,)),))), "weights")
    (table,) = (each for each in section.blocks if isinstance(each, Table) and each.caption.startswith("View"))
    assert table.rows[0][1:5] == ("< 0.1 % [0.0, < 0.1]", "20.0 % [10.0, 30.0]", "–", "> 99.9 % [> 99.9, 100.0]")


def test_parameters_are_printed_once_for_all_items_that_share_them():
    other = {**made_finding(), "parameters": {"dtype": "bfloat16"}}
    document = composed(made_record([made_item(1), made_item(2, finding=other), made_item(3)]))
    sets = [block.text for block in chapter(document, "weights").blocks if isinstance(block, Heading)]
    assert sets[-2:] == ["Set 1 (items: 2)", "Set 2 (items: 1)"]
    tables = [block for block in chapter(document, "weights").blocks if isinstance(block, Table)]
    parameters = [table.rows for table in tables if table.caption == "Parameters"]
    assert parameters[0] == (
        ("dtype", "float32"),
        ("input_side_px", "224"),
        ("threads", "1"),
        ("tile_overlap_px", "56"),
    )
    assert parameters[1] == (("dtype", "bfloat16"),)
    assert "set 2 of those" in text_of(chapter(document, "items"))


def test_weights_without_card_or_rates_are_said_to_have_none():
    section = chapter(composed(made_record(weights=(made_weights(card=None, error_rates=()),))), "weights")
    assert [warning.split(" ")[0] for warning in warnings_of(section)] == ["These", "No"]


def test_limits_follow_the_finding_that_they_apply_to():
    remark = made_finding()["remarks"][0]
    section = chapter(composed(made_record()), "items")
    assert remark in warnings_of(section)
    silent = made_item(1, finding={**made_finding(), "remarks": [], "share_over_threshold": 0.0, "views": "other"})
    text = text_of(chapter(composed(made_record([silent])), "items"))
    assert "noticed nothing in which this image is unlike" in text
    assert "No pixel is over the threshold. That shows nothing" in text
    assert "No measured error rates of these weights in this view are at hand." in text


@pytest.mark.parametrize("card", [None, {}], ids=["not at hand", "says nothing of its images"])
def test_without_known_training_images_silence_is_not_said_to_mean_that_an_image_is_like_them(card):
    silent = made_item(1, finding={**made_finding(), "remarks": []})
    used = made_weights(is_validated=False, error_rates=(), card=card)
    document = composed(made_record([silent], weights=(used,)))
    assert "so that nothing follows from it" in text_of(chapter(document, "items"))
    assert "noticed nothing" not in text_of(chapter(document, "items"))
    said = text_of(document.sections[0]) + text_of(chapter(document, "weights")) + text_of(chapter(document, "items"))
    assert "were not measured" not in said


def test_what_is_printed_of_an_altered_item_is_said_to_be_of_the_file_as_it_was_added():
    item = replace(made_item(1), is_unaltered=False, metadata=None)
    section = chapter(composed(made_record([item])), "items")
    assert warnings_of(section)[0].endswith("is of the file as it was added.")
    assert "decoded" not in warnings_of(section)[0]  # what follows says how it was


def test_a_region_that_was_taken_back_is_not_said_never_to_have_been_drawn():
    item = made_item(1, regions=(), difference=None, edits=2)
    text = text_of(chapter(composed(made_record([item])), "items"))
    assert "There is no region of the analyst in this item." in text
    assert "drew no" not in text


def test_an_original_that_was_altered_after_the_issue_is_named_at_its_item_and_in_the_places_of_its_pictures():
    document = composed(made_record([made_item(1), made_item(2)]), SignedOff(altered=(2,)))
    (custody,) = (warning for warning in warnings_of(chapter(document, "report")) if "any more" in warning)
    assert custody.endswith("item 2.")
    section = chapter(document, "items")
    (warning,) = (each for each in warnings_of(section) if "When this file was written" in each)
    figures = [figure for block in section.blocks if isinstance(block, Figures) for figure in block.figures]
    missing = [figure.picture for figure in figures if "was not what was added" in figure.missing]
    assert {picture.item_id for picture in missing} == {2}
    assert {picture.kind for picture in missing} == set(PictureKind) - {PictureKind.HEATMAP, PictureKind.MASK}
    second = [block for block in section.blocks if isinstance(block, Heading) and block.level == 2][1]
    assert section.blocks[section.blocks.index(second) + 1] == Notice(warning, Weight.WARNING)
