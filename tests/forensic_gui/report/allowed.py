"""What an HTML report may consist of: elements and attributes by name, and the values of those that could lead out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from types import MappingProxyType

from forensic_gui.report.html.page import POLICY

_ANYWHERE = frozenset({"id", "class", "lang", "dir", "title", "role", "hidden"})
_DRAWN = frozenset({"x", "y", "width", "height", "fill", "stroke", "stroke-width", "d", "x1", "x2", "y1", "y2"})
_PLAIN = (
    *("html", "head", "body", "title", "style", "header", "main", "section", "nav", "footer", "address", "div", "span"),
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "bdi", "b", "i", "em", "strong", "small", "ol", "ul", "li", "dl", "dt"),
    *("dd", "table", "caption", "colgroup", "thead", "tbody", "tr", "td", "figure", "figcaption"),
)
_NONE: frozenset[str] = frozenset()

ATTRIBUTES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        **dict.fromkeys(
            _PLAIN,
            _NONE,
        ),
        "meta": frozenset({"charset", "http-equiv", "content", "name"}),
        "a": frozenset({"href"}),
        "img": frozenset({"src", "width", "height", "alt"}),
        "col": frozenset({"style"}),
        "th": frozenset({"scope"}),
        "pre": frozenset({"data-sha256"}),
        "svg": frozenset({"viewbox"}),
        **dict.fromkeys(("rect", "line", "path"), _DRAWN),
        "text": _DRAWN | {"font-size", "text-anchor"},
    }
)
"""Elements that an HTML report may have, and what each may carry beside `class` and the like."""

_VALUES: Mapping[str, Callable[[str], object]] = MappingProxyType(
    {
        "href": re.compile(r"#[a-z0-9-]+").fullmatch,
        "src": re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/]+={0,2}").fullmatch,
        "style": re.compile(r"width: \d{1,3}\.\d\d%").fullmatch,
        "http-equiv": "Content-Security-Policy".__eq__,
        "fill": re.compile(r"#[0-9a-f]{3,6}").fullmatch,
        "stroke": re.compile(r"#[0-9a-f]{3,6}").fullmatch,
    }
)


class AllowedCheck(HTMLParser):
    """Goes through a page and keeps what it may not have.

    Attributes:
        faults: what was found, a clause each, in the order of the page.
        policies: contents of every content security policy.
        elements: name and attributes of each, in the order of the page.
        text: everything that is read or hidden, without style sheets.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.policies: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element."""
        self._in_style = tag == "style"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ATTRIBUTES:
            self.faults.append(f"the element <{tag}>")
            return
        allowed = ATTRIBUTES[tag] | _ANYWHERE
        for name, value in attrs:
            if name not in allowed and not name.startswith("aria-"):
                self.faults.append(f"the attribute {name} of <{tag}>")
            elif name in _VALUES and not _VALUES[name](value or ""):
                self.faults.append(f"the value of {name} of <{tag}>")
        given = dict(attrs)
        if given.get("http-equiv"):
            self.policies.append(given.get("content") or "")

    def handle_endtag(self, tag: str) -> None:
        """Leave a style sheet."""
        if tag == "style":
            self._in_style = False

    def handle_data(self, data: str) -> None:
        """Keep texts, and no style sheets."""
        if not self._in_style:
            self.text.append(data)

    def handle_comment(self, data: str) -> None:
        """Comments reach nobody but programs."""
        self.faults.append(f"the comment {data[:20]!r}")

    def handle_pi(self, data: str) -> None:
        """Neither do processing instructions."""
        self.faults.append(f"the processing instruction {data[:20]!r}")

    def finished(self) -> list[str]:
        """Everything that is wrong with the page, once all of it was fed."""
        self.close()
        if self.policies != [POLICY]:
            self.faults.append("another content security policy than the program's, or none")
        return self.faults
