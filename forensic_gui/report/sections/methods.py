"""How the program works on evidence, and what it consists of."""

from __future__ import annotations

from collections.abc import Iterator

from forensic_gui.report.document import Block, Heading, Table, Text
from forensic_gui.report.sections.context import Context, facts

_METHODS = ("evidence", "decoding", "localizing", "segmenting", "comparing")


def methods(context: Context) -> Iterator[Block]:
    """Methods, packages, environment."""
    words, software = context.words, context.record.software
    for name in _METHODS:
        yield Text(words(f"methods.{name}"))
    yield Heading(words("methods.software"))
    yield facts(
        context.fact("methods.tool", words("identity.tool_version", version=software.tool_version)),
        context.fact("methods.build", software.build),
    )
    packages = tuple(sorted(software.packages.items(), key=lambda pair: pair[0].casefold()))
    header = (words("methods.package"), words("methods.version"))
    yield Table(header, packages, (1, 1), frozenset(), words("methods.packages"))
    header = (words("methods.property"), words("methods.value"))
    yield Table(header, tuple(sorted(software.environment.items())), (1, 2), frozenset(), words("methods.environment"))
