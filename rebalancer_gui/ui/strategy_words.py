"""How states, rules, halts and drifts are said on the monitor side. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal

from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.bands import most_outside
from rebalancer_gui.domain.market import symbol_of
from rebalancer_gui.domain.money import HUNDRED, ZERO, plain
from rebalancer_gui.domain.protection import Watch, level_words
from rebalancer_gui.domain.strategy import BandRule, Direction, RatioRule, Rule, State, StrategyParameters, TimeRule
from rebalancer_gui.domain.valuation import Holding, Snapshot
from rebalancer_gui.ui.create.durations import duration_text
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import MISSING, NumberFormat, places_of, utc_moment
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr

CHECKING = tr("Checking an order")
PROPOSES = tr("Approve?")
TO_DECIDE = tr("To decide")


@dataclass(frozen=True, slots=True)
class StateLook:
    """A state as shape, word and colour."""

    icon: str
    word: str
    ink: Ink


_LOOKS = {
    State.WAITING: StateLook("waiting", said(State.WAITING.value), Ink.INFO),
    State.BUILDING: StateLook("building", said(State.BUILDING.value), Ink.INFO),
    State.RUNNING: StateLook("running", said(State.RUNNING.value), Ink.GAIN),
    State.PAUSED: StateLook("paused", said(State.PAUSED.value), Ink.TEXT2),
    State.HALTED: StateLook("halted", said(State.HALTED.value), Ink.LOSS),
    State.STOPPING: StateLook("building", said(State.STOPPING.value), Ink.TEXT2),
    State.ENDED: StateLook("ended", said(State.ENDED.value), Ink.TEXT2),
}


def state_look(view: StrategyView) -> StateLook:
    """A strategy with an unresolved order shows `Checking an order`, not Halted (BEHAVIOUR.md section 7)."""
    if view.checking_order:
        return StateLook("search", CHECKING, Ink.INFO)
    if view.quarantined and view.state is not State.HALTED:
        return StateLook("halted", TO_DECIDE, Ink.LOSS)
    if view.proposal is not None and not view.proposal.only_shown and not view.proposal.approved:
        return StateLook("rebalance", PROPOSES, Ink.INFO)
    return _LOOKS[view.state]


AT_LEAST = "\u2265"
"""Before a value that is without a coin that has no price: it is worth that much or more."""
_SIGNS = {Direction.RISING: "\u2265", Direction.FALLING: "\u2264"}


def trigger_text(parameters: StrategyParameters, numbers: NumberFormat) -> str:
    """`SOL \u2264 140.00`: what a waiting strategy waits for; empty without a trigger. A symbol in other money is said whole."""
    trigger = parameters.trigger
    if trigger is None:
        return ""
    base = trigger.symbol.partition("/")[0]
    name = base if symbol_of(base, parameters.quote) == trigger.symbol else trigger.symbol
    sign = _SIGNS[trigger.direction] if trigger.direction is not None else "at"
    return f"{name} {sign} {numbers.price(trigger.price)}"


def state_tip(view: StrategyView) -> str:
    """More about the state than its word: what it waits for, why it is halted or over, else the newest decision."""
    if view.checking_order:
        return CHECKING
    if view.quarantined:
        if len(view.quarantined) == 1:
            return tr("An order of it is yours to decide: look at the details")
        return tr("{count} orders of it are yours to decide: look at the details", count=len(view.quarantined))
    if view.state is State.WAITING and view.parameters.trigger is not None:
        return tr(
            "Waiting for trigger {level}",
            level=level_words(Watch.TRIGGER, view.parameters.trigger, view.parameters.quote),
        )
    return said(view.reason or view.decision)


def rule_text(rule: Rule, numbers: NumberFormat) -> str:
    """`By coin ratio 5 %, checked every 2 s`."""
    if isinstance(rule, RatioRule):
        threshold = numbers.percent(rule.threshold, places_of(rule.threshold))
        return tr(
            "By coin ratio {threshold}, checked every {check_period}",
            threshold=threshold,
            check_period=duration_text(rule.check_period),
        )
    if isinstance(rule, BandRule):
        return tr("By auto band, checked every {check_period}", check_period=duration_text(rule.check_period))
    every = tr("By time, every {interval}", interval=duration_text(rule.interval))
    if rule.gate == ZERO:
        return tr("{every} at any drift", every=every)
    return tr("{every} if a drift is above {gate}", every=every, gate=numbers.percent(rule.gate, places_of(rule.gate)))


def threshold_of(view: StrategyView, asset: str) -> Decimal | None:
    """What the drift bar of a coin marks: the threshold, or its auto band, in pp; None by time."""
    rule = view.parameters.rule
    if isinstance(rule, RatioRule):
        return rule.threshold
    return view.bands.get(asset) if isinstance(rule, BandRule) else None


def without_words(assets: Sequence[str]) -> str:
    """What a value is without: ``Without ADA, which has no price.``; "" without such coins."""
    if not assets:
        return ""
    names = ", ".join(assets)
    if len(assets) == 1:
        return tr("Without {names}, which has no price.", names=names)
    return tr("Without {names}, which have no price.", names=names)


def at_least(text: str, without: Sequence[str]) -> str:
    """`\u2265 818.26`: an amount that is without the coins ``without`` is marked where it stands; as it is without such
    coins, and where it is not known at all.
    """
    return f"{AT_LEAST} {text}" if without and text != MISSING else text


def missing_prices(snapshot: Snapshot | None) -> str:
    """Why value and drifts are not known, or empty."""
    if snapshot is None:
        return tr("no prices yet")
    faults = [f"{row.asset}: {said(row.fault.value)}" for row in snapshot.faults if row.fault is not None]
    return ", ".join(faults)


def trigger_price(snapshot: Snapshot, row: Holding, threshold: Decimal) -> tuple[Decimal, Decimal] | None:
    """(weight in percent, price in quote units) at which ``row`` alone reaches the threshold on its present side.

    With the other prices unchanged the rest is worth O; the coin's weight is w where its value is w O / (1 - w).
    None where the weight cannot be reached or something is not known.
    """
    if row.drift is None or row.value is None or snapshot.total is None or row.quantity <= ZERO:
        return None
    weight = row.target + threshold if row.drift >= ZERO else row.target - threshold
    rest = snapshot.total - row.value
    if not ZERO < weight < HUNDRED or rest <= ZERO:
        return None
    return weight, weight * rest / (HUNDRED - weight) / row.quantity


_FOUR_DIGITS = Context(prec=4, rounding=ROUND_HALF_EVEN)


def near(value: Decimal) -> Decimal:
    """Four significant digits: an estimate that looks like one."""
    return _FOUR_DIGITS.plus(value)


@dataclass(frozen=True, slots=True)
class DriftSentence:
    """`Worst drift: ` + ``strong`` + ``rest``; ``strong`` is empty where there is no drift to tell of."""

    strong: str
    rest: str


def drift_sentence(view: StrategyView, numbers: NumberFormat) -> DriftSentence:
    """What the worst drift is, and when the next rebalance comes (look/01)."""
    snapshot, rule = view.snapshot, view.parameters.rule
    if view.state is State.ENDED:
        return DriftSentence("", tr("Ended: {reason}.", reason=view.reason) if view.reason else tr("Ended."))
    if view.state is State.WAITING:
        return DriftSentence(
            "", tr("Waits until {trigger}: nothing is bought before.", trigger=trigger_text(view.parameters, numbers))
        )
    worst = worst_of(view)
    if snapshot is None or worst is None or worst.drift is None:
        return DriftSentence(
            "",
            tr("The worst drift is not known: {value}.", value=missing_prices(snapshot) or tr("nothing is held yet")),
        )
    drift, limit = worst.drift, threshold_of(view, worst.asset)
    strong = f"{worst.asset} {numbers.points(drift, unit=tr('pp'))}"
    if isinstance(rule, TimeRule):
        when = (
            tr(" Next look {utc_moment}", utc_moment=utc_moment(view.next_check)) if view.next_check is not None else ""
        )
        gate = numbers.fixed(rule.gate, places_of(rule.gate), tr("pp"))
        return DriftSentence(
            strong,
            tr(".{when}: it trades if the worst drift is then above {gate}.", when=when, gate=gate) if when else ".",
        )
    if limit is None:
        return DriftSentence(strong, ".")
    of = tr(" of its band") if isinstance(rule, BandRule) else tr(" of")
    start = f"{of} {numbers.fixed(limit, min(places_of(limit), 2))}."
    if abs(drift) > limit:
        return DriftSentence(strong, start)
    reached = trigger_price(snapshot, worst, limit)
    if reached is None:
        return DriftSentence(strong, start)
    weight, price = reached
    side = tr("passes") if drift >= ZERO else tr("falls below")
    about = near(price)
    return DriftSentence(
        strong,
        tr(
            "{start} Next rebalance when {asset} {side} {weight}: near {about} if the other prices hold.",
            start=start,
            asset=worst.asset,
            side=side,
            weight=numbers.percent(weight, min(places_of(weight), 2)),
            about=numbers.fixed(about, places_of(about), snapshot.quote_asset),
        ),
    )


def worst_of(view: StrategyView) -> Holding | None:
    """The coin that is furthest off; by auto band beside its own band. None while that is not known."""
    if view.snapshot is None:
        return None
    banded = isinstance(view.parameters.rule, BandRule) and view.bands
    return most_outside(view.snapshot, view.bands) if banded else view.snapshot.worst


def worst_drift_parts(view: StrategyView) -> tuple[Decimal | None, str]:
    """The signed worst drift in pp, and why it is not known."""
    snapshot = view.snapshot
    if view.state is State.ENDED:
        return None, said(view.reason) or tr("ended")
    if view.state is State.WAITING:
        return None, tr("waits for its trigger")
    worst = worst_of(view)
    if snapshot is None or worst is None:
        return None, missing_prices(snapshot) or tr("nothing is held yet")
    return worst.drift, ""


def engine_look(view: AccountView) -> StateLook:
    """The engine's state in the status strip."""
    ink, icon = {
        "running": (Ink.GAIN, "running"),
        "paused": (Ink.TEXT2, "paused"),
        "watch only": (Ink.INFO, "eye"),
        "key locked": (Ink.WARN, "lock"),
        "waits for your answer": (Ink.INFO, "rebalance"),
        "halted": (Ink.LOSS, "halted"),
        "trading stopped": (Ink.LOSS, "stop-all"),
    }.get(view.engine, (Ink.TEXT2, "waiting"))
    return StateLook(icon, said(view.engine), ink)


def replay_hint(view: AccountView | None) -> str:
    """Nothing is traded while the replay stands still: whoever waits for an order must know why. Else empty."""
    paused = view is not None and view.demo is not None and view.demo.paused
    return tr(" The replay is paused, so this waits until it goes on.") if paused else ""


def speed_text(speed: int) -> str:
    """`1 x` is real time; `6 h a second` ... ; in words where the number is not whole."""
    if speed == 86_400:
        return tr("1 day a second")
    for size, words in (
        (86_400, tr("{count} days a second")),
        (3600, tr("{count} h a second")),
        (60, tr("{count} min a second")),
    ):
        if speed >= size and speed % size == 0:
            return words.format(count=speed // size)
    return tr("1 x (real time)") if speed == 1 else f"{plain(Decimal(speed))} x"
