"""What each safety rail decides, as pure functions (ORDERS.md section 5). "" or False means: nothing against it.

The sentences are for the journal and the screen: what is wrong, and how it goes on.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from rebalancer_gui.domain.market import Quote
from rebalancer_gui.domain.money import HUNDRED, ZERO, plain, total
from rebalancer_gui.domain.rails import Rail, RailSet
from rebalancer_gui.domain.triggers import RebalanceReason
from rebalancer_gui.domain.valuation import Snapshot

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MEDIAN_WINDOW = timedelta(minutes=5)
SAMPLES, SAMPLES_OVER = 3, timedelta(seconds=60)
"""So many samples, over so long, confirm a jump of a price or a drop of a portfolio."""
STEP_WITHIN = timedelta(seconds=60)
"""Two checks further apart than this are no step: the machine slept."""
FRESH_LAST = timedelta(seconds=60)
"""Only a last trade younger than this is compared with the middle price."""
DOLLARS = frozenset({"USD", "USDT", "USDC", "FDUSD", "TUSD", "DAI", "BUSD", "USDP", "PYUSD"})
MAJORS = frozenset({"BTC", "ETH", "BNB", "SOL", "XRP"}) | DOLLARS


class Purpose(enum.Enum):
    """Who wants an order; what is exempt from which rail depends on it."""

    RULE = "rule"
    """The strategy's rule."""
    ASKED = "asked"
    """Rebalance now: pressed, but on no preview."""
    CONFIRMED = "confirmed"
    """Building, adding, removing, changing: confirmed by its owner on a preview."""
    EXIT = "exit"
    """Stop-loss, take-profit, Stop."""


_CONFIRMED = frozenset(
    {
        RebalanceReason.BUILD.value,
        RebalanceReason.ADD_FUNDS.value,
        RebalanceReason.CHANGE.value,
        RebalanceReason.REMOVE_FUNDS.value,
    }
)
SELL_OFF = "sell all on stop"
"""The reason in the record of an exit that sells."""


def purpose_of(reason: str) -> Purpose:
    """The purpose of a rebalance record's ``reason``; one that is not known counts as the rule's: nothing is exempt."""
    if reason == SELL_OFF:
        return Purpose.EXIT
    if reason == RebalanceReason.NOW.value:
        return Purpose.ASKED
    return Purpose.CONFIRMED if reason in _CONFIRMED else Purpose.RULE


@dataclass(frozen=True, slots=True)
class Sent:
    """An order that was sent: its value in quote units (what it traded; while that is not known, what it wanted)."""

    at: datetime
    strategy_id: str
    purpose: Purpose
    value: Decimal


# ---------------------------------------------------------------------------------------------------- size and number


def against_size(
    rails: RailSet, purpose: Purpose, value: Decimal, strategy_value: Decimal | None, volume: Decimal | None
) -> str:
    """Why an order worth ``value`` is too large. ``volume``: the market's 24 h volume in quote units (None: not told).

    A strategy whose value is not known cannot be measured: that is left to the rails on prices.
    """
    if purpose is Purpose.EXIT:
        return ""
    share = rails.limit(Rail.ORDER_SHARE)
    if share is not None and purpose is not Purpose.CONFIRMED and strategy_value is not None:
        most = strategy_value * share / HUNDRED
        if value > most:
            return f"an order of {_money(value)} is over {plain(share)} % of the strategy's value ({_money(most)})"
    of_volume = rails.limit(Rail.ORDER_VOLUME)
    if of_volume is not None and volume is not None:
        most = volume * of_volume / HUNDRED
        if value > most:
            return (
                f"an order of {_money(value)} is over {plain(of_volume)} % of the market's 24 h volume ({_money(most)})"
            )
    cap = rails.limit(Rail.ORDER_CAP)
    if cap is not None and value > cap:
        return f"an order of {_money(value)} is over the largest order allowed ({_money(cap)})"
    return ""


def against_turnover(
    rails: RailSet,
    purpose: Purpose,
    sent: Iterable[Sent],
    strategy_id: str,
    more: Decimal,
    values: Mapping[str, Decimal],
    now: datetime,
) -> str:
    """Why orders worth ``more`` would be too much within 24 hours. ``values``: each strategy's value in quote units.

    What its owner confirmed, and exits, neither count nor are held.
    """
    if purpose not in {Purpose.RULE, Purpose.ASKED}:
        return ""
    counted = [s for s in sent if s.at > now - DAY and s.purpose in {Purpose.RULE, Purpose.ASKED}]
    for rail, whose, worth, orders in (
        (Rail.TURNOVER, "the strategy", values.get(strategy_id), [s for s in counted if s.strategy_id == strategy_id]),
        (Rail.TURNOVER_ACCOUNT, "the account", total(values.values()), counted),
    ):
        limit = rails.limit(rail)
        if limit is None or worth is None:
            continue
        done, most = total(s.value for s in orders), worth * limit
        if done + more > most:
            until = _when_free(orders, done + more - most, now)
            return (
                f"{whose} would turn over {_money(done + more)} within 24 hours, more than {plain(limit)} x its value "
                f"({_money(most)}); {until}"
            )
    return ""


def against_rate(
    rails: RailSet, purpose: Purpose, sent: Iterable[Sent], strategy_id: str, more: int, now: datetime
) -> str:
    """Why ``more`` orders would be too many within an hour. Exits count and are not held."""
    if purpose is Purpose.EXIT:
        return ""
    counted = [s for s in sent if s.at > now - HOUR]
    for rail, whose, orders in (
        (Rail.RATE, "the strategy", [s for s in counted if s.strategy_id == strategy_id]),
        (Rail.RATE_ACCOUNT, "the account", counted),
    ):
        limit = rails.limit(rail)
        if limit is not None and len(orders) + more > limit:
            return f"{whose} has sent {len(orders)} orders within an hour; {plain(limit)} are allowed"
    return ""


def pause_before_order(rails: RailSet, sent_at: Sequence[float], now: float) -> float:
    """Seconds of wall time until one more order may be sent; ``sent_at`` monotonic seconds of the orders before."""
    limit = rails.limit(Rail.PACE)
    if limit is None:
        return 0
    recent = sorted(at for at in sent_at if now - 1 < at <= now)
    most = int(limit)
    return recent[-most] + 1 - now if len(recent) >= most else 0


def against_interval(rails: RailSet, purpose: Purpose, last: datetime | None, now: datetime) -> str:
    """Why the next rebalance comes too soon after the last order of the one before (None: there was none)."""
    limit = rails.limit(Rail.INTERVAL)
    if limit is None or last is None or purpose is Purpose.EXIT:
        return ""
    left = timedelta(seconds=int(limit)) - (now - last)
    return f"the next rebalance is due in {_seconds(left)} at the earliest" if left > timedelta(0) else ""


def needs_another_check(rails: RailSet, agreed: int) -> bool:
    """Whether a ratio trigger that held on ``agreed`` checks in a row needs one more."""
    limit = rails.limit(Rail.CHECKS)
    return limit is not None and agreed < limit


def too_many_refusals(rails: RailSet, in_a_row: int, same: int, words: str) -> str:
    """Why a strategy is to be halted: its last ``in_a_row`` orders were refused, ``same`` of them with the last ``words``."""
    most = rails.limit(Rail.REFUSED)
    if most is not None and in_a_row >= most:
        return f"{plain(most)} orders in a row were refused. The last answer: {words}"
    alike = rails.limit(Rail.SAME_REFUSAL)
    if alike is not None and same >= alike:
        return f"{plain(alike)} orders were refused with the same words: {words}"
    return ""


# ------------------------------------------------------------------------------------------------------------- prices


def against_quote(rails: RailSet, quote: Quote, now: datetime, *, spread_only: bool = False) -> str:
    """Why a quote without a fault is still not to be traded on: its spread, or how far its middle is from the last trade.

    ``spread_only``: for an exit.
    """
    base = quote.symbol.partition("/")[0]
    limit = rails.limit(Rail.SPREAD_MAJOR if base in MAJORS else Rail.SPREAD)
    spread = quote.half_spread * 2 * HUNDRED
    if limit is not None and spread > limit:
        return f"the spread of {base} is {_percent(spread)}, over {plain(limit)} %"
    gap = rails.limit(Rail.LAST_GAP)
    fresh = quote.last_at is not None and now - quote.last_at < FRESH_LAST
    if spread_only or gap is None or not fresh or not quote.last.is_finite() or quote.last <= ZERO:
        return ""
    away = abs(quote.mid - quote.last) * HUNDRED / quote.last
    if away > gap:
        return f"the middle price of {base} is {_percent(away)} away from its last trade, over {plain(gap)} %"
    return ""


def is_frozen(rails: RailSet, changed_at: datetime | None, now: datetime) -> bool:
    """Whether no price of the venue has changed for too long (``changed_at`` None: none has come yet)."""
    limit = rails.limit(Rail.FROZEN)
    return limit is not None and changed_at is not None and now - changed_at > timedelta(seconds=int(limit))


def median(values: Sequence[Decimal]) -> Decimal:
    """Of at least one value."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def is_away(reference: Decimal, price: Decimal, percent: Decimal) -> bool:
    """Whether ``price`` is more than ``percent`` away from ``reference`` (both > 0)."""
    return abs(price - reference) * HUNDRED > percent * reference


def has_new_units(rails: RailSet, before: Decimal, after: Decimal) -> bool:
    """Whether a price that went from ``before`` to ``after`` (both > 0, confirmed) means a redenomination."""
    factor = rails.limit(Rail.REDENOMINATION)
    return factor is not None and (after >= before * factor or after * factor <= before)


def dropped(before: Snapshot, quotes: Mapping[str, Quote], percent: Decimal) -> bool:
    """Whether what was held at ``before`` (with a total) is worth over ``percent`` less at ``quotes``.

    Only prices count: what was added, taken out or traded in between is no drop.
    """
    if before.total is None or before.total <= ZERO:
        return False
    worth = before.cash
    for row in before.holdings:
        quote = quotes.get(f"{row.asset}/{before.quote_asset}")
        if row.quote is None:
            return False
        worth += row.quantity * (quote.mid if quote is not None else row.quote.mid)
    return (before.total - worth) * HUNDRED > percent * before.total


def is_step(before: datetime, now: datetime) -> bool:
    """Whether two checks are near enough for a drop between them to be a step, not a gap (sleep, an outage)."""
    return now - before < STEP_WITHIN


def is_settled(first: datetime, count: int, now: datetime) -> bool:
    """Whether ``count`` good samples that agree, the first at ``first``, confirm it."""
    return count >= SAMPLES and now - first >= SAMPLES_OVER


def against_money(rails: RailSet, money: str, quotes: Mapping[str, Quote]) -> str:
    """Why ``money`` seems to have lost its dollar: most of the dollar coins quoted against it are too far from 1."""
    limit = rails.limit(Rail.DEPEG)
    if limit is None or money not in DOLLARS:
        return ""
    prices: dict[str, Decimal] = {}
    for other in sorted(DOLLARS - {money}):
        quote, inverse = quotes.get(f"{other}/{money}"), quotes.get(f"{money}/{other}")
        if quote is not None and quote.fault(quote.at, None) is None:
            prices[other] = quote.mid
        elif inverse is not None and inverse.fault(inverse.at, None) is None:
            prices[other] = 1 / inverse.mid
    off = {other: price for other, price in prices.items() if is_away(Decimal(1), price, limit)}
    if not prices or len(off) * 2 <= len(prices):
        return ""
    other, price = next(iter(off.items()))
    return f"1 {other} is worth {plain(price.quantize(Decimal('0.0001')))} {money}: one of both has lost its dollar"


def _when_free(orders: Sequence[Sent], over: Decimal, now: datetime) -> str:
    """From when on enough of the oldest orders are out of the window."""
    for order in sorted(orders, key=lambda s: s.at):
        over -= order.value
        if over <= ZERO:
            return f"it goes on in {_duration(order.at + DAY - now)}"
    return "it alone is more than that: raise the limit in Settings, or change the weights by hand"


def _duration(span: timedelta) -> str:
    minutes = max(1, -(-int(span.total_seconds()) // 60))
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"


_BEYOND = Decimal(1_000_000)
"""Of nonsense prices nobody needs the cents, and rounding them to cents can take more digits than there are."""


def _seconds(span: timedelta) -> str:
    return f"{max(1, -(-span // timedelta(seconds=1)))} s"


def _money(value: Decimal) -> str:
    return plain(value.quantize(Decimal("0.01")))


def _percent(value: Decimal) -> str:
    if abs(value) >= _BEYOND:
        return f"more than {plain(_BEYOND)} %"
    return f"{plain(value.quantize(Decimal('0.01')))} %"
