"""The weights of the findings, once each: their card, their limits, and what they were measured to get wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from forensic_gui.domain.reports.record import WeightsFacts
from forensic_gui.domain.shares import percent_text
from forensic_gui.report.document import Block, Fact, Facts, Heading, Notice, Table, Text, Tone, Weight
from forensic_gui.report.sections.context import Context, counted, named, percent, settings_of

_RATE_COLUMNS = ("condition", "pixels", "images", "images_percent", "missed", "f1")
_RATE_WIDTHS = (2.9, 2.4, 2.4, 2.4, 2.4, 2.9)
_SHARES = ("untouched_pixels", "untouched_images", "untouched_images_over_one_percent", "missed")


def weights(context: Context) -> Iterator[Block]:
    """Every set of weights that made a finding of this report."""
    if not context.record.weights:
        yield Text(context.words("weights.none"), Tone.EMPTY)
    for used in context.record.weights:
        yield Heading(used.id)
        yield from _one(used, context)
    yield from _settings(context)


def _one(used: WeightsFacts, context: Context) -> Iterator[Block]:
    words = context.words
    if not used.is_validated:
        yield Notice(words("weights.unvalidated", id=used.id), Weight.WARNING)
    known = [context.fact("weights.sha256", used.sha256, Tone.MONO)]
    if used.is_validated:
        origin = "shipped" if used.is_shipped else "fine_tuned"
        known.append(context.fact("weights.origin", words(f"weights.origin_{origin}")))
    if used.card is None:
        yield Facts(tuple(known))
        yield Notice(words("weights.no_card"), Weight.WARNING)
    else:
        yield Facts((*known, *_card(used.card, context)))
        yield from _tables(used.card, context)
    yield from _rates(used.error_rates, context)


def _card(card: Mapping[str, Any], context: Context) -> Iterator[Fact]:
    words = context.words
    for name in ("architecture", "created", "licence", "threshold_origin"):
        yield context.fact(f"weights.{name}", card.get(name, ""))
    yield context.fact("weights.code_commit", card.get("code_commit", ""), Tone.MONO)
    yield context.fact("weights.parent", card.get("parent") or words("common.none"), Tone.MONO)
    domain = card.get("domain")
    if domain is not None:
        least, most = domain["short_side_px"]
        shown = words("weights.domain_as", least=least, most=most)
        if domain.get("jpeg_quality"):
            low, high = domain["jpeg_quality"]
            shown = words("weights.domain_jpeg", least=least, most=most, low=low, high=high)
        yield context.fact("weights.domain", shown)
        yield context.fact("weights.histories", context.listed(domain.get("histories", ())))
    for view, fitted in sorted(card.get("calibration", {}).items()):
        yield Fact(words("weights.calibration", view=view), _calibration(fitted, context))
    for limit in card.get("limits", ()):
        yield context.fact("weights.limits", limit)


def _calibration(fitted: Mapping[str, Any], context: Context) -> str:
    return context.words(
        "weights.calibration_as",
        method=fitted["method"],
        manipulated=fitted["manipulated_images"],
        untouched=fitted["untouched_images"],
        data=fitted["fitted_on"],
        prior=percent(fitted["prior"]),
        before=f"{fitted['error_before']:.4f}",
        after=f"{fitted['error_after']:.4f}",
    )


def _tables(card: Mapping[str, Any], context: Context) -> Iterator[Block]:
    words = context.words
    header = tuple(words(f"weights.training_{name}") for name in ("name", "images", "terms"))
    rows = tuple((each["name"], counted(each["images"]), each["terms"]) for each in card.get("training_data", ()))
    if rows:
        yield Table(header, rows, (3, 1.5, 6), frozenset(), words("weights.training"))
    header = tuple(words(f"weights.scores_{name}") for name in ("data", "count", "f1", "auc"))
    if measured := tuple(_figures(name, each, context) for name, each in sorted(card.get("scores", {}).items())):
        yield Table(header, measured, (4, 2, 3, 3), frozenset(), words("weights.scores"))


def _figures(name: str, scores: Mapping[str, Any], context: Context) -> tuple[str, ...]:
    pixel = scores.get("pixel") or {}
    estimates = (_estimate(pixel.get(each), context) for each in ("f1_at_threshold", "auc"))
    return (name, str(pixel.get("n", context.words("weights.not_measured"))), *estimates)


def _estimate(estimate: Mapping[str, Any] | None, context: Context) -> str:
    if estimate is None or estimate.get("value") is None:
        return context.words("weights.not_measured")
    return _interval([estimate[name] for name in ("value", "low", "high")], context)


def _rates(measured: Sequence[Mapping[str, Any]], context: Context) -> Iterator[Block]:
    words = context.words
    yield Heading(words("weights.rates"), level=3)
    if not measured:
        yield Notice(words("weights.rates_none"), Weight.WARNING)
        return
    yield Text(words("weights.rates_note"))
    header = tuple(words(f"weights.rates_{name}") for name in _RATE_COLUMNS)
    for view in measured:
        rows = tuple(_condition(each, context) for each in view["conditions"])
        caption = words(
            "weights.rates_caption",
            view=view["view"],
            threshold=f"{view['threshold']:g}",
            manipulated=view["manipulated_images"],
            untouched=view["untouched_images"],
            data=view["dataset"],
        )
        yield Table(header, rows, _RATE_WIDTHS, frozenset(), caption)


def _settings(context: Context) -> Iterator[Block]:
    """Sets of parameters that findings refer to by number."""
    words = context.words
    if not context.settings:
        return
    yield Heading(words("weights.settings"))
    yield context.note("weights.settings_note")
    used = [settings_of(item.finding) for item in context.record.items if item.finding is not None]
    header = (words("weights.name"), words("weights.value"))
    for number, settings in enumerate(context.settings, start=1):
        yield Heading(words("weights.set", number=number, count=counted(used.count(settings))), level=3)
        for key, values in zip(("weights.parameters", "weights.environment"), settings, strict=True):
            rows = tuple((name, str(value)) for name, value in named(values))
            yield Table(header, rows, (2, 5), frozenset(), words(key))


def _condition(rates: Mapping[str, Any], context: Context) -> tuple[str, ...]:
    shares = (_shares(rates[name], context) for name in _SHARES)
    missing = context.words("weights.not_measured")
    f1 = missing if rates["f1"] is None else _interval(rates["f1"], context)
    return (_condition_text(str(rates["condition"]), context), *shares, f1)


def _condition_text(condition: str, context: Context) -> str:
    """A degradation in words; one that the words do not have as it is called."""
    family, _, level = condition.partition(" ")
    key = f"conditions.{family.replace('-', '_')}"
    return context.words(key, level=level) if key in context.words else condition


def _shares(interval: Sequence[float] | None, context: Context) -> str:
    if interval is None:
        return context.words("weights.not_measured")
    value, low, high = map(percent_text, interval)
    return context.words("weights.interval", value=value, low=low.removesuffix(" %"), high=high.removesuffix(" %"))


def _interval(interval: Sequence[float], context: Context) -> str:
    value, low, high = (f"{each:.3f}" for each in interval)
    return context.words("weights.interval", value=value, low=low, high=high)
