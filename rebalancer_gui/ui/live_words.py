"""What the window says about real money: whose account it is, whether trading is on, what a preview warns of. Pure: no Qt."""

from __future__ import annotations

from rebalancer_gui.application.connection import LIVE, is_at_exchange, whose_money
from rebalancer_gui.application.first_contact import NAME
from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.strategy import State, TradingMode
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.translation import tr

CONTACT_WAITS = tr("Another key was put in: it goes on after a test of the connection. Nothing is sent until then.")


def go_live_text(view: AccountView | None) -> str:
    """The entry of the menu and the text of the buttons that lead to the same dialog."""
    return tr("Trade with {money}\u2026", money=money_of(view))


def money_of(view: AccountView | None) -> str:
    """``real money``, or the exchange's own to practise with."""
    return said(whose_money(view.mode if view is not None else LIVE))


def is_live(view: AccountView | None) -> bool:
    """Whether orders of the account reach an exchange once its trading is on."""
    return view is not None and is_at_exchange(view.mode)


def contact_of(view: AccountView) -> StrategyView | None:
    """The first contact that is under way. No other strategy has a single coin."""
    if not is_live(view):
        return None
    return next((s for s in view.strategies if is_contact(s) and s.state is not State.ENDED), None)


def contact_waits(view: AccountView) -> bool:
    """The first contact was cut short and another key was put in: nothing is sent until the connection was tested."""
    return contact_of(view) is not None and view.trading is TradingMode.WATCH


def is_contact(strategy: StrategyView) -> bool:
    """Whether it is a first contact, under way or over."""
    p = strategy.parameters
    return len(p.targets) == 1 and (p.name == NAME or p.name.startswith(f"{NAME} "))


def trading_word(view: AccountView) -> str:
    """What stands under the mode plate of a live account; "" on any other."""
    if not is_live(view):
        return ""
    if view.locked:
        return tr("key locked")
    if contact_of(view) is not None:
        return tr("first contact")
    return tr("watch only") if view.trading is TradingMode.WATCH else tr("trading on")


def trading_tip(view: AccountView) -> str:
    """The same in a sentence."""
    if not is_live(view):
        return ""
    if view.locked:
        return view.locked
    if contact_waits(view):
        return CONTACT_WAITS
    if contact_of(view) is not None:
        return tr(
            "One smallest order is bought and sold back with {money}; nothing else is sent.", money=money_of(view)
        )
    money = money_of(view)
    words = {
        TradingMode.WATCH: tr("An account at an exchange on watch only: plans are shown, nothing is sent."),
        TradingMode.APPROVE: tr("{money}: a rebalance is sent when you approve it.", money=money),
        TradingMode.AUTO: tr("{money}: a rebalance is sent as soon as its rule triggers.", money=money),
    }[view.trading]
    return f"{words[:1].upper()}{words[1:]}"


def window_title(view: AccountView, program: str) -> str:
    """``LIVE - Binance main - Rebalancer``; one that only watches says so."""
    watching = is_live(view) and view.trading is TradingMode.WATCH
    return f"{view.mode.upper()}{tr(' (watch only)') if watching else ''} - {view.title} - {program}"


def why_no_go_live(view: AccountView | None) -> str | None:
    """Why trading with real money cannot be switched on here; None where the dialog for it can be opened."""
    if view is None:
        return tr("No account is known yet.")
    if not is_live(view):
        return tr("Only for an account at an exchange: this one trades with play money.")
    if view.locked:
        return view.locked
    if view.trading is not TradingMode.WATCH and contact_of(view) is None:
        return tr("Trading is on already. Settings (Ctrl+,) switches it off.")
    return None


def teaching_words(view: AccountView) -> str:
    """On the page of an account without a strategy."""
    todo = tr("Choose coins and weights; Rebalancer keeps them there")
    if not is_live(view):
        return tr("{todo}, with play money until you decide otherwise.", todo=todo)
    if view.trading is TradingMode.WATCH:
        return tr(
            "{todo}. Its orders are shown before anything is sent; as long as this account only watches, nothing is.",
            todo=todo,
        )
    return tr("{todo}, with {money}: its orders are shown before anything is sent.", todo=todo, money=money_of(view))


def with_real_money(view: AccountView | None) -> str:
    """Beside the button of everything that sends orders of a live account; "" on any other."""
    return (
        tr("with {money} on {title}", money=money_of(view), title=view.title)
        if view is not None and is_live(view)
        else ""
    )


def why_watching(view: AccountView) -> str:
    """Why Settings does not offer approve or automatic; "" where it does."""
    if not is_live(view) or (view.trading is not TradingMode.WATCH and contact_of(view) is None):
        return ""
    return tr(
        "Trading of an account at an exchange is not switched on here: it takes a test of the connection, a first contact, "
        "and the account's name."
    )
