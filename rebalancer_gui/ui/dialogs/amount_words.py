"""What the dialogs for adding and removing funds say: the legal range, why there is none, what will come out. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.application.views import Preview
from rebalancer_gui.domain.allocation import MONEY_GRID
from rebalancer_gui.domain.cashflow import AmountLimits, RemovalMethod
from rebalancer_gui.domain.market import MarketRules
from rebalancer_gui.domain.money import ZERO, floor_to_step, total
from rebalancer_gui.domain.planning import Plan
from rebalancer_gui.ui.create.texts import at_hand
from rebalancer_gui.ui.formatting import NumberFormat, places_of
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Level, Notice

STOP = "stop"
FULL = "full"
"""Actions of the notices: open the Stop dialog, take the amount of which every leg trades."""


def amount_text(amount: Decimal, quote: str, numbers: NumberFormat) -> str:
    """An amount that somebody typed or may type, with all its decimals: `40.00 USDT`; `quote` "" leaves the unit out."""
    return numbers.money(amount, quote, max(2, places_of(amount)))


def legal_text(limits: AmountLimits, numbers: NumberFormat) -> str:
    """`Legal: 14.47 to 4,121.00`."""
    if limits.smallest is None or limits.is_empty:
        return tr("No amount is legal now.")
    return tr(
        "Legal: {smallest} to {largest}",
        smallest=amount_text(limits.smallest, "", numbers),
        largest=amount_text(limits.largest, "", numbers),
    )


def range_problem(
    amount: Decimal, limits: AmountLimits, quote: str, numbers: NumberFormat, *, adding: bool
) -> str | None:
    """Why ``amount`` (quote units) is not legal, and what is; None when it is."""
    if limits.smallest is None or limits.is_empty:
        return tr("No amount is legal now.")
    if amount < limits.smallest:
        return tr(
            "Too small for any order: the smallest amount now is {smallest}.",
            smallest=amount_text(limits.smallest, quote, numbers),
        )
    if amount > limits.largest:
        most = amount_text(limits.largest, quote, numbers)
        return (
            tr("Free are {most}: add at most that much.", most=most)
            if adding
            else tr("At most {most} can be removed.", most=most)
        )
    return None


def no_addition(limits: AmountLimits, quote: str, numbers: NumberFormat) -> Notice:
    """Why nothing can be added."""
    free = amount_text(limits.largest, quote, numbers)
    if limits.largest <= ZERO:
        text = tr("No {quote} is free: what is not in a strategy could be added.", quote=quote)
    elif limits.smallest is None:
        text = tr("Free are {free}, and no amount makes an order large enough now.", free=free)
    else:
        least = amount_text(limits.smallest, quote, numbers)
        text = tr(
            "Free are {free}; the smallest amount of which an order can be sent now is {least}.", free=free, least=least
        )
    return Notice(Level.WARNING, tr("Nothing can be added now"), text)


def no_removal(name: str, quote: str, worth: Decimal | None, limits: AmountLimits, numbers: NumberFormat) -> Notice:
    """Why nothing can be removed; Stop gives everything back. ``worth``: the strategy's value in quote units."""
    stop = tr("To take everything out, stop the strategy.")
    if worth is None:
        text = tr("There is not a good price for every coin. {stop}", stop=stop)
    elif limits.largest <= ZERO:
        value = at_hand(worth, quote, numbers)
        text = tr(
            "It is worth {value}; that much must stay for its weights to be tradable. {stop}", value=value, stop=stop
        )
    else:
        most = amount_text(limits.largest, quote, numbers)
        text = tr(
            "Of the {most} above the smallest legal investment no order is large enough. {stop}", most=most, stop=stop
        )
    return Notice(
        Level.WARNING, tr("Nothing can be removed now"), text, button=tr("Stop {name}", name=name), action=STOP
    )


def too_much(name: str, quote: str, worth: Decimal | None, limits: AmountLimits, numbers: NumberFormat) -> Notice:
    """More than may be removed was asked for: what must stay, and the way to take all of it."""
    most = amount_text(limits.largest, quote, numbers)
    stays = ""
    if worth is not None:
        must = at_hand(floor_to_step(worth, MONEY_GRID) - limits.largest, quote, numbers)
        stays = tr(" {must} must stay, the smallest legal investment for its weights.", must=must)
    return Notice(
        Level.WARNING, tr(
    "At most {most} can be removed",
    most=most), tr(
    "{stays} Stop gives everything back.",
    stays=stays).strip(),
        button=tr(
    "Stop {name}",
    name=name), action=STOP,
    )  # fmt: skip


def skipped_notice(preview: Preview, amount: Decimal, quote: str, numbers: NumberFormat) -> Notice | None:
    """Which coins an addition leaves alone, and from which amount on every order can be sent."""
    skipped = preview.plan.skipped
    if not skipped:
        return None
    names = ", ".join(leg.asset for leg in skipped)
    missing = max((leg.shortfall for leg in skipped), default=ZERO)
    text = tr("What is not spent stays as cash until a rebalance can use it.")
    if missing > ZERO:
        text = tr(
            "Up to {missing} are missing to the smallest order. {text}",
            missing=numbers.money(missing, quote),
            text=text,
        )
    return _with_full(
        Notice(Level.WARNING, tr("{names} will not be traded now", names=names), text),
        preview,
        amount,
        numbers,
        tr("Add"),
    )


@dataclass(frozen=True, slots=True)
class Gap:
    """Why less comes out than was asked for, in quote units. ``skipped``: (asset, what it was to bring)."""

    skipped: tuple[tuple[str, Decimal], ...]
    steps: Decimal
    held: Decimal
    """What coins were to bring beyond what is held of them."""
    fees: Decimal
    unmet: Decimal = ZERO
    """What coins that are passed over were to bring and no other may, most overweight first."""


def removal_gap(
    plan: Plan,
    amount: Decimal,
    own_cash: Decimal,
    comes_out: Decimal,
    method: RemovalMethod,
    rules: Mapping[str, MarketRules],
) -> Gap:
    """The parts add up to ``amount`` - ``comes_out``.

    Most overweight first asks the next coin for what one could not bring, so what a passed-over coin was asked for is
    not lost by that alone (0 in ``skipped``): only what nobody brought is counted.
    """
    traded = total(leg.notional for leg in plan.legs)
    fees = own_cash + traded - comes_out
    if method is RemovalMethod.MOST_OVERWEIGHT:
        names = tuple((leg.asset, ZERO) for leg in plan.skipped)
        short = max(amount - own_cash - traded, ZERO)
        return Gap(names, ZERO if names else short, ZERO, fees, short if names else ZERO)
    steps = held = ZERO
    for leg in plan.legs:
        short, market = max(leg.wanted - leg.notional, ZERO), rules.get(leg.symbol)
        if market is not None and short > market.step_size * leg.limit_price:
            held += short
        else:
            steps += short
    return Gap(tuple((leg.asset, leg.wanted) for leg in plan.skipped), steps, held, fees)


def removal_notice(
    preview: Preview, amount: Decimal, method: RemovalMethod, rules: Mapping[str, MarketRules], numbers: NumberFormat
) -> Notice | None:
    """`35.27 of the 40.00 USDT will come out`, with what is missing and the amount of which every leg trades."""
    out = preview.comes_out
    if out is None or amount - out < MONEY_GRID:
        return None
    quote = preview.plan.snapshot.quote_asset
    gap = removal_gap(preview.plan, amount, preview.own_cash, out, method, rules)
    headline = tr(
        "{out} of the {amount} will come out", out=at_hand(out, "", numbers), amount=amount_text(amount, quote, numbers)
    )
    level = Level.WARNING if gap.skipped or gap.held > ZERO else Level.NOTE
    return _with_full(
        Notice(level, headline, f"{_gap_text(gap, numbers)}."), preview, amount, numbers, tr("Remove", "money")
    )


def _gap_text(gap: Gap, numbers: NumberFormat) -> str:
    parts = []
    if gap.skipped:
        names = ", ".join(
            f"{asset} {numbers.fixed(wanted)}" if wanted > ZERO else asset for asset, wanted in gap.skipped
        )
        parts.append(tr("{names} skipped", names=names))
    for words, lost in (
        (tr("more than is held"), gap.held),
        (tr("not made up for by other coins"), gap.unmet),
        (tr("step sizes"), gap.steps),
        (tr("fees"), gap.fees),
    ):
        if lost >= MONEY_GRID / 2:
            parts.append(f"{words} {numbers.fixed(lost)}")
    text = ", ".join(parts) or tr("rounding")
    return text[:1].upper() + text[1:]


def _with_full(notice: Notice, preview: Preview, amount: Decimal, numbers: NumberFormat, verb: str) -> Notice:
    """With the button that takes the smallest amount of which every leg trades, where that is legal and larger."""
    limits = preview.limits
    if not preview.plan.skipped or limits is None or limits.full is None or not amount < limits.full <= limits.largest:
        return notice
    full = amount_text(limits.full, "", numbers)
    text = tr("{notice} All legs trade from {full}.", notice=notice.text, full=full)
    return Notice(notice.level, notice.headline, text, button=f"{verb} {full}", action=FULL)
