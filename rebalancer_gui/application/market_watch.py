"""What becomes of strategies when a market closes or the account loses its right to trade (BEHAVIOUR.md section 7)."""

from __future__ import annotations

from decimal import Decimal

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.events import MarketsLoaded
from rebalancer_gui.application.lifecycle import halt
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.market import MarketStatus, symbol_of
from rebalancer_gui.domain.money import plain
from rebalancer_gui.domain.strategy import HaltKind, State

_HALTABLE = frozenset({State.WAITING, State.BUILDING, State.RUNNING, State.PAUSED})


async def read_markets(account: Account) -> None:
    """Markets are not what they were: their rules anew, and no quote of one that is closed is left to be traded on.

    The last good price of a coin that somebody holds is stored: what is given back or booked as gone later has that value.
    """
    account.rules = await account.venue.markets()
    account.valuing.forget_all()
    gone = [account.quotes.pop(symbol) for symbol in sorted(account.quotes) if not account.is_open(symbol)]
    for quote in gone:
        market = account.rules.get(quote.symbol)
        if market is None or market.status is MarketStatus.DELISTED:
            account.guard.forget(quote.symbol)
    held = account.wallet.inside_totals()
    last = {q.symbol: q.mid for q in gone if q.symbol.partition("/")[0] in held and q.fault(q.at, None) is None}
    if last:
        with account.change() as store:
            store.add_prices(account.venue.clock.now(), last)
    account.emit(MarketsLoaded(account.name, account.rules))


def halt_for_closed_markets(account: Account) -> None:
    """A strategy with a coin whose market is closed is halted: the coin is frozen, the rest is not sold to make up for it."""
    if all(market.status is MarketStatus.TRADING for market in account.rules.values()):
        return
    for strategy in account.strategies.values():
        if strategy.record.state not in _HALTABLE:
            continue
        frozen = account.frozen(strategy)
        if frozen:
            halt(account, strategy, _closed_sentence(account, strategy, frozen), HaltKind.MARKET)


def halt_for_new_units(account: Account) -> None:
    """A confirmed price that is many times what it was: the coin has new units, and the ledger's quantity may be wrong."""
    for symbol, (before, after) in list(account.guard.new_units.items()):
        del account.guard.new_units[symbol]
        base = symbol.partition("/")[0]
        for strategy in account.strategies.values():
            own = {*strategy.record.parameters.symbols, *(symbol_of(a, strategy.record.parameters.quote)
                   for a in account.wallet.strategy_assets(strategy.id))}  # fmt: skip
            if symbol in own and strategy.record.state in _HALTABLE | {State.STOPPING}:
                reason = (
                    f"The price of {base} went from {_short(before)} to {_short(after)} and stayed there: {base} seems to "
                    "have new units. Nothing is sent until its owner has looked at it."
                )
                halt(account, strategy, reason, HaltKind.NEW_UNITS)


def halt_for_lost_right(account: Account) -> None:
    """The venue said that this account or key may not trade: nothing more is sent for anybody."""
    if not account.no_right:
        return
    for strategy in account.strategies.values():
        if strategy.record.state in _HALTABLE | {State.STOPPING} and not strategy.only_gives_back:
            reason = f"The account or its key may no longer trade. The exchange said: {account.no_right}"
            halt(account, strategy, reason, HaltKind.NO_RIGHT)


def _short(price: Decimal) -> str:
    """A price with about six digits."""
    return plain(price.quantize(Decimal(1).scaleb(max(min(price.adjusted() - 5, 0), -12))))


def _closed_sentence(account: Account, strategy: StrategyRuntime, frozen: tuple[str, ...]) -> str:
    quote = strategy.record.parameters.quote
    gone: list[str] = []
    closed: list[str] = []
    for asset in frozen:
        market = account.rules.get(symbol_of(asset, quote))
        (gone if market is None or market.status is MarketStatus.DELISTED else closed).append(asset)
    parts = []
    if gone:
        names = ", ".join(gone)
        parts.append(f"{names} was delisted" if len(gone) == 1 else f"{names} were delisted")
    if closed:
        parts.append(f"the market of {', '.join(closed)} is closed")
    words = " and ".join(parts)
    return f"{words[:1].upper()}{words[1:]}. Coins and cash stay where they are; nothing is sold."
