"""What the halted banner says and offers for each kind of halt (BEHAVIOUR.md section 7). Pure: no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.absence import QUARANTINE_AFTER
from rebalancer_gui.domain.strategy import MIN_COINS, HaltKind, State
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.history_model import amount_text
from rebalancer_gui.ui.monitor.actions import MISSING_FIRST
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.halt_banner import Halt, HaltAction, Help

_STAYS = tr("Nothing is sent; coins and cash stay where they are.")
_LONGEST_HEADLINE = 72
_LOOK_FOR_IT = tr("Look at the orders and the journal for the cause, then press Resume; or end the strategy.")
_TO_DO: Mapping[HaltKind | None, str] = {
    HaltKind.SHORT: tr(
        "Nothing of it is missing any more. Press Resume, and it goes on with what it has; or end the strategy."
    ),
    HaltKind.RENAMED: tr(
        "The coin was taken over under its new name. Press Resume, and it goes on; or end the strategy."
    ),
    HaltKind.NEW_UNITS: tr(
        "Look at the exchange whether the coin was redenominated and how many you hold now. Press Resume, and "
        "it goes on with the new price; or end the strategy and keep its coins."
    ),
    HaltKind.REFUSED: tr("See in the orders what the exchange said. Press Resume to try again, or end the strategy."),
    HaltKind.QUARANTINED: tr("Nothing of it is left to decide. Press Resume, and it goes on; or end the strategy."),
    HaltKind.LATE_ORDER: tr(
        "Look at the orders and at its coins: what that order traded is among them now. Then press Resume, "
        "and it goes on with what it has; or end the strategy."
    ),
    HaltKind.FOREIGN_ORDER: tr(
        "Look at the exchange for the order that is not this program's: cancel it there or let it be "
        "filled. Then press Resume; or end the strategy."
    ),
}
"""Where the cause is gone, or only its owner can find it."""
_QUARANTINE_MINUTES = QUARANTINE_AFTER // timedelta(minutes=1)
_LATE = tr("Halted: an order turned up late")
_LOOK = Help(tr("Look at the order\u2026"), HaltAction.LOOK_AT_ORDER)


def halt_of(view: StrategyView, account: AccountView, numbers: NumberFormat) -> Halt | None:
    """The banner of ``view``; None for a strategy that is not halted and has no order that is its owner's to decide.

    What keeps it from going on counts, not only why it was halted first: coins can go missing while a market is closed.
    """
    if view.state is not State.HALTED:
        # An order can be undecided in every state: lifting Stop all or ending the strategy does not decide it.
        return _undecided(view) if view.quarantined else None
    if account.stop_all or view.halt is HaltKind.STOP_ALL:
        return _stop_all(view, account)
    if view.quarantined:
        return _undecided(view)
    if view.missing:
        return _short(view, account, numbers)
    if view.renamed:
        return _renamed(view)
    if view.halt is HaltKind.MARKET:
        return _market(view)
    if view.halt is HaltKind.NO_RIGHT:
        return _no_right(view, account)
    plain = _plain(view, _TO_DO.get(view.halt) or view.advice or _LOOK_FOR_IT)
    return replace(plain, headline=_LATE) if view.halt is HaltKind.LATE_ORDER else plain


def missing_text(view: StrategyView, numbers: NumberFormat) -> str:
    """`0.01 BTC (963.20 USDT) and 3 SOL`: what is missing of it, with its worth where that is known."""
    parts = []
    for asset, units in view.missing:
        worth = _worth(view, asset, units)
        value = f" ({numbers.money(worth, view.parameters.quote)})" if worth is not None else ""
        parts.append(f"{amount_text(numbers, units)} {asset}{value}")
    return _listed(parts)


def _worth(view: StrategyView, asset: str, units: Decimal) -> Decimal | None:
    if asset == view.parameters.quote:
        return None
    holdings = view.snapshot.holdings if view.snapshot is not None else ()
    quote = next((row.quote for row in holdings if row.asset == asset and row.fault is None), None)
    return units * quote.mid if quote is not None else None


def _stop_all(view: StrategyView, account: AccountView) -> Halt:
    resume = (
        tr("Resume trading lifts Stop all for every strategy first.") if account.stop_all else view.resumable or None
    )
    return Halt(
        tr("Halted: Stop all"),
        tr("Stop all was pressed: no order is sent on any account. Coins and cash stay where they are."),
        tr(
            "Press Resume trading to put every strategy back into its former state; or end this one and keep its coins."
        ),
        (
            *((Help(tr("Resume trading"), HaltAction.RESUME_TRADING),) if account.stop_all else ()),
            *((_LOOK,) if view.quarantined else ()),
        ),
        resume_blocked=resume,
        end_blocked=MISSING_FIRST if view.missing else None,
    )


def _undecided_title(count: int, *, halted: bool) -> str:
    if count == 1:
        return tr("Halted: an order is yours to decide") if halted else tr("An order is yours to decide")
    if halted:
        return tr("Halted: {count} orders are yours to decide", count=count)
    return tr("{count} orders are yours to decide", count=count)


def _undecided(view: StrategyView) -> Halt:
    one = len(view.quarantined) == 1
    count = len(view.quarantined)
    halted = view.state is State.HALTED
    ends = (
        tr("Its end waits for that.")
        if view.state is State.STOPPING
        else tr("Or end the strategy: the end waits for that too.")
    )
    return Halt(
        _undecided_title(count, halted=halted),
        tr(
            "Nothing could be proven about an order for {minutes} minutes. What it may have used stays set aside, and it is "
            "looked up once a minute. Nothing is sent; the other coins and the cash stay where they are.",
            minutes=_QUARANTINE_MINUTES,
        )
        if one
        else tr(
            "Nothing could be proven about {count} orders for {minutes} minutes. What each of them may have used stays set "
            "aside, and each of them is looked up once a minute. Nothing is sent; the other coins and the cash stay where "
            "they are.",
            count=count,
            minutes=_QUARANTINE_MINUTES,
        ),
        tr(
            "Wait: the strategy goes on by itself when the exchange tells what became of it. Or look at the order and "
            "decide. {ends}",
            ends=ends,
        )
        if one
        else tr(
            "Wait: the strategy goes on by itself when the exchange tells what became of them. Or look at the orders and "
            "decide. {ends}",
            ends=ends,
        ),
        (_LOOK,),
        resume_blocked=view.resumable or tr("Nothing is proven about an order of it: adopt or discard it first."),
        end_blocked=_end_blocked(view),
    )


def _end_blocked(view: StrategyView) -> str | None:
    if view.state is State.STOPPING:
        return tr("It is being stopped.")
    return MISSING_FIRST if view.missing else None


def _market(view: StrategyView) -> Halt:
    coins = view.frozen
    if not coins:
        todo = tr("The market is open again: press Resume, and it goes on; or end the strategy.")
        return _plain(view, todo)
    one = len(coins) == 1
    left = [target for target in view.parameters.targets if target.asset not in coins]
    too_few = None
    if len(left) < MIN_COINS:
        too_few = tr(
            "A strategy needs at least {MIN_COINS} coins: replace what does not trade instead.", MIN_COINS=MIN_COINS
        )
    names = _listed(coins)
    drop = tr("Drop it and share its weight") if one else tr("Drop them and share their weight")
    return _plain(
        view,
        tr(
            "Replace {names}, or drop it and share the weight among the others: what cannot be sold goes back to the free "
            "pool. Or wait: Resume works when its market is open again. Or end the strategy: keep the coins, or sell what "
            "can be sold.",
            names=names,
        )
        if one
        else tr(
            "Replace {names}, or drop them and share the weight among the others: what cannot be sold goes back to the free "
            "pool. Or wait: Resume works when their markets are open again. Or end the strategy: keep the coins, or sell "
            "what can be sold.",
            names=names,
        ),
        (
            Help(tr("Replace the coin") if one else tr("Replace the coins"), HaltAction.REPLACE),
            Help(drop, HaltAction.DROP, too_few),
        ),
    )


def _short(view: StrategyView, account: AccountView, numbers: NumberFormat) -> Halt:
    what = missing_text(view, numbers)
    helps = [Help(tr("Book the loss\u2026"), HaltAction.BOOK_LOSS)]
    if account.paper is not None:
        helps.append(Help(tr("Deposit it again\u2026"), HaltAction.DEPOSIT))
    amounts = _listed([f"{amount_text(numbers, units)} {asset}" for asset, units in view.missing])
    one = len(view.missing) == 1 and view.missing[0][1] == 1
    return Halt(
        tr("Halted: {amounts} is missing at the exchange", amounts=amounts)
        if one
        else tr("Halted: {amounts} are missing at the exchange", amounts=amounts),
        tr(
            "{what} of this strategy left the account outside the program. The rest stays where it is; nothing is sent and "
            "nothing is bought back.",
            what=what,
        ),
        tr("Deposit it again and press Resume; or book the loss: then press Resume, and it goes on with what is left."),
        tuple(helps),
        resume_blocked=view.resumable or None,
        end_blocked=MISSING_FIRST,
    )


def _renamed(view: StrategyView) -> Halt:
    old, new = view.renamed[0]
    pairs = _listed([tr("{old} to {new}", old=old, new=new) for old, new in view.renamed])
    button = tr("Take it over as {new}", new=new) if len(view.renamed) == 1 else tr("Take them over")
    return Halt(
        tr("Halted: {old} is called {new} now", old=old, new=new)
        if len(view.renamed) == 1
        else tr("Halted: coins have new names now"),
        _whole(view.reason)
        if view.reason
        else tr("The exchange renamed {pairs}, one for one. {STAYS}", pairs=pairs, STAYS=_STAYS),
        tr(
            "If that is so, press {button}: in every strategy of this account the new name stands for the old one, with its "
            "quantity, cost and weight. Then press Resume. Or end the strategy and keep its coins.",
            button=button,
        ),
        (Help(button, HaltAction.TAKE_OVER),),
        resume_blocked=view.resumable or tr("{old} has a new name: take it over first.", old=old),
    )


def _no_right(view: StrategyView, account: AccountView) -> Halt:
    if account.paper is None:
        todo = tr(
            "Give the account or its key the right to trade back at the exchange, then press Resume; or end the strategy "
            "and keep its coins: selling needs the right too."
        )
        return _plain(view, todo)
    if account.paper.may_trade:
        return _plain(view, tr("The right to trade is there again: press Resume; or end the strategy."))
    todo = tr(
        "Give the paper account its right to trade back, then press Resume; or end the strategy and keep its coins."
    )
    halt = _plain(view, todo, (Help(tr("Give the right back"), HaltAction.GIVE_RIGHT),))
    return replace(halt, resume_blocked=halt.resume_blocked or "The account may not trade: give the right back first.")


def _plain(view: StrategyView, what_to_do: str, helps: tuple[Help, ...] = ()) -> Halt:
    return Halt(
        _headline(view.reason),
        _whole(view.reason),
        what_to_do,
        helps,
        resume_blocked=view.resumable or None,
        end_blocked=MISSING_FIRST if view.missing else None,
    )


def _headline(reason: str) -> str:
    """The first sentence of the reason, where it is short enough for a headline."""
    first = reason.partition(". ")[0].rstrip(".")
    if not first or len(first) > _LONGEST_HEADLINE:
        return tr("Halted: nothing is sent")
    # A coin's name keeps its capitals.
    if first[1:2].islower() or first[1:2] == " ":
        first = first[:1].lower() + first[1:]
    return tr("Halted: {first}", first=first)


def _whole(reason: str) -> str:
    """The reason as sentences, and that nothing is sent where it does not say so itself."""
    words = reason.strip().rstrip(".") or tr("The cause is in the journal")
    words = f"{words[:1].upper()}{words[1:]}."
    tells = any(part in words.lower() for part in ("nothing is sent", "nothing is sold"))
    return said(words) if tells else f"{said(words)} {_STAYS}"


def _listed(parts: list[str] | tuple[str, ...]) -> str:
    return (
        ", ".join(parts) if len(parts) < 2 else tr("{names} and {parts}", names=", ".join(parts[:-1]), parts=parts[-1])
    )
