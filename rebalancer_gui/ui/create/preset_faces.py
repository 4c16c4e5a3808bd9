"""What stands on a preset's card, in words and numbers. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from rebalancer_gui.application.views import PresetCard
from rebalancer_gui.domain.allocation import smallest_investment
from rebalancer_gui.domain.money import HUNDRED, ZERO
from rebalancer_gui.domain.preset_returns import AnnualisedReturn
from rebalancer_gui.domain.presets import Weighting
from rebalancer_gui.domain.strategy import Target
from rebalancer_gui.ui.create.form_state import Draft
from rebalancer_gui.ui.create.surroundings import Surroundings
from rebalancer_gui.ui.create.texts import day_text, rule_text
from rebalancer_gui.ui.create.weights import Allocation
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import MINUS, MISSING, NumberFormat, utc_moment
from rebalancer_gui.ui.translation import tr

STALE_DAYS = 3
"""Caps older than this many days are marked: weights by yesterday's caps are the usual case."""
FORMULA = tr("annualised = (1 + R)^(365/n) \u2212 1, with R the return over n days")
_HUGE = Decimal(10_000)
_NEARLY_ALL = Decimal("-99.9")
"""Rounded, more than this would say that all was lost."""
_ONE_DECIMAL_UNDER = Decimal(1000)
_ATTRIBUTION = tr("Data provided by ")
_WEIGHTED = {
    Weighting.CAP: (tr("by market cap"), tr("Weights by market cap.")),
    Weighting.SQRT_CAP: (
        tr("by root of cap"),
        tr("Weights by the square root of the market cap: the largest coins weigh less."),
    ),
    Weighting.EQUAL: (tr("equal weights"), tr("Equal weights.")),
    Weighting.FIXED: (tr("fixed weights"), tr("Fixed weights, as you chose them.")),
}
"""In the place of a source, and in the tooltip."""


@dataclass(frozen=True, slots=True)
class ReturnFace:
    """One annualised return. `change` in percent, None where it is not known."""

    label: str
    text: str
    change: Decimal | None
    short: bool
    tip: str


@dataclass(frozen=True, slots=True)
class CardFace:
    """A card as it is painted. `slots` are the coins' colours; `least` in quote units at the newest prices."""

    card: PresetCard
    coins: str
    source: str
    stale: bool
    without: str
    without_cap: bool
    returns: tuple[ReturnFace, ...]
    rule: str
    least: Decimal | None
    least_text: str
    quote: str
    slots: Mapping[str, int]
    tip: str

    @property
    def usable(self) -> bool:
        return not self.card.unusable

    @property
    def spoken(self) -> str:
        """Everything on the card for a screen reader."""
        if not self.usable:
            return tr("{card}: not on this market, {unusable}", card=self.card.name, unusable=self.card.unusable)
        weights = ", ".join(tr("{asset} {weight} percent", asset=t.asset, weight=t.weight) for t in self.card.targets)
        returns = ", ".join(f"{face.label} {face.text.replace(MINUS, 'minus ')}" for face in self.returns)
        return tr(
            "{card}, {coins}: {weights}. {returns}. {rule}, from {least_text} {quote}",
            card=self.card.name,
            coins=self.coins,
            weights=weights,
            returns=returns,
            rule=self.rule,
            least_text=self.least_text,
            quote=self.quote,
        )


def face_of(
    card: PresetCard, quote: str, today: date, around: Surroundings, slots: Mapping[str, int], numbers: NumberFormat
) -> CardFace:
    """The face of `card` on the market day `today`."""
    count = len(card.targets)
    source, stale = _source(card, today)
    foreign = [asset for asset in card.missing if not around.trades(asset, quote)]
    capless = [asset for asset in card.missing if asset not in foreign]
    doubtful = [asset for asset in capless if asset in card.doubtful]
    capless = [asset for asset in capless if asset not in card.doubtful]
    without = tr("without {names}", names=", ".join(foreign)) if foreign else ""
    if capless or doubtful:
        words = ((capless, tr("no cap")), (doubtful, tr("another coin")))
        without = ", ".join(f"{', '.join(coins)}: {why}" for coins, why in words if coins)
    least = _least(card, quote, around)
    return CardFace(
        card=card,
        coins=f"{count} {tr('coin') if count == 1 else tr('coins')}{tr(', yours') if card.own else ''}",
        source=source,
        stale=stale,
        without=without,
        without_cap=bool(capless or doubtful),
        returns=tuple(_return(one, numbers) for one in card.returns),
        rule=rule_text(card.rule, numbers),
        least=least,
        least_text=numbers.fixed(least),
        quote=quote,
        slots=slots,
        tip=_tip(card, quote, foreign, capless, numbers),
    )


def priced(face: CardFace, around: Surroundings, numbers: NumberFormat) -> CardFace:
    """`face` at the prices of `around`, all else being as it was; the same object where nothing on it changes."""
    least = _least(face.card, face.quote, around)
    return face if least == face.least else replace(face, least=least, least_text=numbers.fixed(least))


def _least(card: PresetCard, quote: str, around: Surroundings) -> Decimal | None:
    return smallest_investment(card.targets, quote, around.rules, around.quotes) if card.targets else None


def draft_of(
    card: PresetCard, name: str, amount: Decimal | None, quote: str, targets: tuple[Target, ...] | None = None
) -> Draft:
    """The preset as a draft of the Manual form; `targets` replace its weights after a fix."""
    base = Draft(
        name=name,
        quote=quote,
        allocation=Allocation().with_targets(card.targets if targets is None else targets),
        investment=amount,
        sell_all_on_stop=card.sell_all_on_stop,
    )
    return base.with_rule(card.rule)


def short_source(source: str) -> str:
    """The name alone: the whole attribution stands in the tooltip and on top of the list."""
    return said(source).removeprefix(_ATTRIBUTION) or tr("no source")


def _source(card: PresetCard, today: date) -> tuple[str, bool]:
    if not card.by_caps:
        # No market cap is in its weights.
        return _WEIGHTED[card.weighting][0], False
    source = short_source(card.source)
    if card.as_of is None:
        return tr("{source}, no date", source=source), True
    days = (today - card.as_of).days
    if days >= STALE_DAYS:
        return tr("{source}, {days} days old", source=source, days=days), True
    return f"{source} {day_text(card.as_of) if card.read_at is None else utc_moment(card.read_at)}", False


def _return(one: AnnualisedReturn, numbers: NumberFormat) -> ReturnFace:
    short = one.used < one.days
    label = tr("{used} of {days} D", used=one.used, days=one.days) if short else tr("{days} D p.a.", days=one.days)
    if one.percent is None:
        return ReturnFace(
            label, MISSING, None, short, tr("{days} days: not enough daily closes are known.", days=one.days)
        )
    exact = numbers.change_percent(one.percent)
    tip = tr(
        "{exact}: the weights of today over the last {used} days, one rebalance a day, no fees; {FORMULA}.",
        exact=exact,
        used=one.used,
        FORMULA=FORMULA,
    )
    if short:
        tip += tr(" {days} days were asked for, {used} are known.", days=one.days, used=one.used)
    return ReturnFace(label, _percent(one.percent, numbers), one.percent, short, tip)


def _percent(value: Decimal, numbers: NumberFormat) -> str:
    """A week's luck annualised can be any number: large ones lose their decimals, absurd ones stand in the tooltip."""
    if value >= _HUGE:
        return f"> {numbers.percent(_HUGE - 1, 0)}"
    if -HUNDRED < value < _NEARLY_ALL:
        return f"< {numbers.change_percent(_NEARLY_ALL, 1)}"
    return numbers.change_percent(value, 1 if abs(value) < _ONE_DECIMAL_UNDER else 0)


def _tip(card: PresetCard, quote: str, foreign: list[str], capless: list[str], numbers: NumberFormat) -> str:
    weights = ", ".join(f"{t.asset} {numbers.percent(t.weight)}" for t in card.targets)
    lines = [weights] if weights else []
    lines.append(
        tr(
            "Category {category}, list of {day}: {names}.",
            category=card.category,
            day=day_text(card.list_date),
            names=", ".join(card.candidates),
        )
    )
    if foreign:
        lines.append(tr("Not traded here in {quote}: {names}.", quote=quote, names=", ".join(foreign)))
    if capless:
        lines.append(tr("No market cap known: {names}.", names=", ".join(capless)))
    if card.doubtful:
        names = ", ".join(card.doubtful)
        lines.append(
            tr("By its price another coin than the one whose market cap is known, so left out: {names}.", names=names)
        )
    if card.minimum_weight > ZERO:
        lines.append(tr("No weight under {minimum_weight}.", minimum_weight=numbers.percent(card.minimum_weight)))
    lines.append(_WEIGHTED[card.weighting][1])
    if card.by_caps:
        lines.append(
            tr(
                "Market caps: {value}, as of {day}.",
                value=said(card.source) or tr("no source"),
                day=day_text(card.as_of),
            )
        )
    return "\n".join(lines)
