"""Texts from outside do nothing in a PDF but stand there, and nothing is embedded but the record."""

from __future__ import annotations

import pypdfium2
import pytest
from pyhanko.pdf_utils import generic

from forensic_gui.domain.reports.pictures import PictureRef
from forensic_gui.domain.reports.plan import PictureKind
from forensic_gui.report.document import (
    Document,
    Fact,
    Facts,
    Figure,
    Figures,
    Heading,
    Letterhead,
    Notice,
    Section,
    SignatureLines,
    Table,
    Text,
    Tone,
)
from tests.forensic_gui.report.golden import objects, page_texts, pdf_of
from tests.forensic_gui.report.pdf.made_documents import made_document, made_picture

_HOSTILE = {
    "image": '<img src="file:///etc/passwd"/>',
    "link": '<a href="https://example.org">click</a>',
    "font": '<font name="Courier" size="90">big</font>',
    "entity": "&lt;b&gt; &amp;amp; &#65;",
    "PDF string": ") Tj ET /URI (x) >> endobj (",
    "PDF name": "/JavaScript #20 /Launch <</S /URI>>",
    "NUL": "before\x00after",
    "lone surrogates": "before\udcff\ud800after",
    "overrides": "invoice\u202egpj.exe\u2066",
    "one word": "w" * 10_000,
    "template": "{page} {pages} %s {0.__class__}",
    "Hebrew": "שלום עולם (1).jpg",
    "Arabic": "صورة من القاهرة 2024.jpg",
    "Han": "图片 二〇二四年.png",
    "emoji": "😀 and 🧿",
    "marks": "e\u0301\u0323" + "a" + "\u0300" * 200,
    "only marks": "\u0301\u0301",
    "no font has it": "हिन्दी 한국어",
    "only spaces": "   ",
    "nothing": "",
}
_FORBIDDEN = {
    "/URI", "/JavaScript", "/JS", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Thread", "/Movie",
    "/Sound", "/RichMedia", "/Rendition", "/AcroForm", "/XFA", "/OpenAction", "/AA", "/A", "/S", "/FileAttachment",
}  # fmt: skip


def _everywhere(text: str) -> Document:
    """A document that says `text` wherever it can say anything."""
    figure = Figure(PictureRef(3, PictureKind.ORIGINAL), text, text)
    section = Section(
        "section",
        text,
        (
            Heading(text),
            Heading(text, level=3),
            *(Text(text, tone) for tone in Tone),
            Notice(text),
            Facts(tuple(Fact(text[:500], text, tone) for tone in Tone)),
            Table((text[:200], "b"), ((text, text),), (1, 1), frozenset({1}), text),
            Figures((figure,)),
            SignatureLines(((text[:500], text),)),
        ),
    )
    made = made_document(section, title=text, mark=text[:40], letterhead=Letterhead((text[:500],)))
    return Document(
        title=made.title,
        subtitle=text,
        language="en",
        identity=(Fact(text[:500], text),),
        letterhead=made.letterhead,
        mark=made.mark,
        footer=text,
        page_of=made.page_of,
        contents=text[:500],
        sections=made.sections,
    )


@pytest.mark.parametrize("text", _HOSTILE.values(), ids=_HOSTILE)
def test_a_hostile_text_is_printed_and_does_nothing(text: str) -> None:
    pdf = pdf_of(_everywhere(text), make=made_picture)
    assert _names(pdf).isdisjoint(_FORBIDDEN)
    assert _embedded(pdf) == ["record.json"]
    assert len(page_texts(pdf)) >= 2


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        (_HOSTILE["image"], _HOSTILE["image"]),
        (_HOSTILE["link"], _HOSTILE["link"]),
        (_HOSTILE["entity"], _HOSTILE["entity"]),
        (_HOSTILE["PDF string"], _HOSTILE["PDF string"]),
        (_HOSTILE["template"], _HOSTILE["template"]),
        (_HOSTILE["NUL"], r"before\x00after"),
        (_HOSTILE["overrides"], r"invoice\u202egpj.exe\u2066"),
        (_HOSTILE["lone surrogates"], r"before\udcff\ud800after"),
        ("한", "[U+D55C]"),
        ("🧿", "[U+1F9FF]"),
        ("😀", "😀"),
        ("图片", "图片"),
    ],
)
def test_texts_are_printed_as_they_are_and_what_cannot_be_seen_as_escapes(text: str, printed: str) -> None:
    assert printed in page_texts(pdf_of(made_document(Section("s", "Section", (Text(text),)))))[1]


def test_a_name_of_several_lines_does_not_pass_for_several_facts() -> None:
    name = "a.jpg\nVerified: yes"
    blocks = (Facts((Fact("File name", name),)), Table(("Name",), ((name,),), (1,)), Heading(name), Text(name))
    text = page_texts(pdf_of(made_document(Section("s", "Section", blocks))))[1]
    assert text.count(r"a.jpg\nVerified: yes") == 4


def test_a_person_s_words_keep_their_lines() -> None:
    text = page_texts(pdf_of(made_document(Section("s", "Section", (Text("one\r\ntwo", Tone.WORDS),)))))[1]
    assert "one two" in text


def test_no_letter_of_a_long_word_is_lost() -> None:
    texts = page_texts(pdf_of(made_document(Section("s", "Section", (Text("q" * 10_000),)))))
    assert sum(text.count("q") for text in texts) == 10_000


def test_the_record_is_embedded_as_it_is() -> None:
    record = '{"name":"Gr\u00fc\u00dfe","items":[]}'
    pdf = pdf_of(made_document(), record_json=record)
    with pypdfium2.PdfDocument(pdf) as document:
        assert document.count_attachments() == 1
        attachment = document.get_attachment(0)
        assert attachment.get_name() == "record.json"
        assert bytes(attachment.get_data()).decode("utf-8") == record
    filespec = next(each for each in objects(pdf) if _type_of(each) == "/Filespec")
    assert isinstance(filespec, generic.DictionaryObject)
    assert filespec["/AFRelationship"] == "/Data"
    stream = filespec["/EF"]["/F"]
    assert stream["/Subtype"] == "/application/json"
    assert stream["/Filter"] == "/FlateDecode"
    catalog = next(each for each in objects(pdf) if _type_of(each) == "/Catalog")
    assert isinstance(catalog, generic.DictionaryObject)
    assert catalog["/AF"][0]["/UF"] == "record.json"
    assert catalog["/Lang"] == "en"


def test_properties_name_the_report_and_nobody_and_no_time() -> None:
    with pypdfium2.PdfDocument(pdf_of(made_document())) as document:
        assert {key: value for key, value in document.get_metadata_dict().items() if value} == {
            "Title": "Technical appendix",
            "Producer": "Forensic GUI",
        }


def test_every_font_is_embedded() -> None:
    descriptors = [each for each in objects(pdf_of(_everywhere("图 a"))) if _type_of(each) == "/FontDescriptor"]
    assert len(descriptors) >= 4
    assert all(isinstance(each, generic.DictionaryObject) and "/FontFile2" in each for each in descriptors)


def _names(pdf: bytes) -> set[str]:
    """Names of keys, and names that stand as values: an action is either."""
    found: set[str] = set()
    for each in objects(pdf):
        if isinstance(each, generic.DictionaryObject):
            found.update(map(str, each))
        elif isinstance(each, generic.NameObject):
            found.add(str(each))
    return found


def _embedded(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [document.get_attachment(index).get_name() for index in range(document.count_attachments())]


def _type_of(each: generic.PdfObject) -> str:
    return str(each.get("/Type", "")) if isinstance(each, generic.DictionaryObject) else ""
