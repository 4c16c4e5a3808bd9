"""Answers to the commands that only read."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.charts import build_chart
from rebalancer_gui.application.commands import (
    LoadChart,
    LoadHistory,
    LoadMarketCaps,
    PreviewChange,
    PreviewEdit,
    PreviewFunds,
    PreviewStrategy,
)
from rebalancer_gui.application.events import (
    ChartReady,
    ClosesReady,
    HistoryPage,
    HistoryRows,
    MarketCapsReady,
    PresetsReady,
    PreviewReady,
)
from rebalancer_gui.application.market_commands import LoadCloses
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.presets import build_card, is_another
from rebalancer_gui.application.previews import preview_change, preview_edit, preview_funds, preview_strategy
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.market import symbol_of


def answer_preview(account: Account, command: PreviewStrategy) -> PreviewReady:
    """Raises InvalidInput when there is no good price for a coin."""
    return PreviewReady(command.command_id, preview_strategy(account, command.parameters, command.held))


def answer_preview_of(
    account: Account, strategy: StrategyRuntime, command: PreviewEdit | PreviewFunds | PreviewChange
) -> PreviewReady:
    """Raises InvalidInput when there is no good price for a coin."""
    match command:
        case PreviewEdit():
            preview = preview_edit(account, strategy, command.parameters)
        case PreviewFunds():
            preview = preview_funds(account, strategy, command.amount, command.method)
        case PreviewChange():
            preview = preview_change(account, strategy, command.targets)
        case _:
            assert_never(command)
    return PreviewReady(command.command_id, preview)


def answer_history(account: Account, command: LoadHistory) -> HistoryPage:
    """One page, newest first; one row more than asked tells whether there are older ones."""
    rows = _rows(account, command)
    page, more = rows[: command.limit], len(rows) > command.limit
    names = {} if command.strategy_id else _names_of_ended(account, page)
    return HistoryPage(command.command_id, account.name, command.kind, command.strategy_id, page, more, names)


def _names_of_ended(account: Account, rows: HistoryRows) -> dict[str, str]:
    """Names of strategies that are only stored, by id."""
    found = {}
    for strategy_id in {row.strategy_id for row in rows} - account.strategies.keys():
        strategy = account.strategies.find(strategy_id)
        if strategy is not None:
            found[strategy_id] = strategy.name
    return found


def _rows(account: Account, command: LoadHistory) -> HistoryRows:
    store, asked = account.store, command.limit + 1
    strategy_id = command.strategy_id or None
    match command.kind:
        case HistoryKind.ORDERS:
            return store.orders(strategy_id, command.before, asked)
        case HistoryKind.FILLS:
            return store.all_fills(strategy_id, command.before, asked)
        case HistoryKind.FEES:
            return store.fees(strategy_id, command.before, asked)
        case HistoryKind.REBALANCES:
            return store.rebalances(strategy_id, command.before, asked)
        case HistoryKind.TRANSFERS:
            return store.transfers(strategy_id, command.before, asked)
        case HistoryKind.JOURNAL:
            return store.journal(strategy_id, command.before, asked)
        case _:
            assert_never(command.kind)


def answer_chart(account: Account, strategy: StrategyRuntime, command: LoadChart) -> ChartReady:
    """The lines of one strategy."""
    return ChartReady(command.command_id, build_chart(account, strategy, command.days, command.limit))


def answer_presets(account: Account, command_id: str, quote: str) -> PresetsReady:
    """All cards as of now."""
    at, setup, side = account.venue.clock.now(), account.setup, account.setup.preset_side
    cards = tuple(
        build_card(
            preset,
            quote=quote,
            rules=account.rules,
            quotes=account.quotes,
            caps=setup.caps,
            at=at,
            read_at=side.feed.state().read_at if side.feed is not None else None,
            closes=side.closes,
        )
        for preset in account.presets
    )
    return PresetsReady(command_id, account.name, cards, quote)


def answer_market_caps(account: Account, command: LoadMarketCaps) -> MarketCapsReady:
    """Known caps as of now, but of coins that are others here by their price; without a source none."""
    source, at = account.setup.caps, account.venue.clock.now()
    if source is None:
        return MarketCapsReady(command.command_id, {}, None, "")
    money, quotes = account.quote_asset, account.quotes
    known = source.market_caps(command.assets, at)
    caps = {asset: cap for asset, cap in known.items() if not is_another(asset, money, quotes, source, at)}
    return MarketCapsReady(command.command_id, caps, source.as_of(at), source.attribution)


def answer_closes(account: Account, command: LoadCloses) -> ClosesReady:
    """Daily closes known as of now, each coin's from one source."""
    caps, own, at = account.setup.caps, account.setup.preset_side.closes, account.venue.clock.now()
    found: dict[str, tuple[Decimal, ...]] = {}
    for asset in command.assets:
        closes = own.closes(symbol_of(asset, command.quote), at, command.days) if own is not None else ()
        if not closes and caps is not None:
            closes = caps.closes(asset, at, command.days)
        if closes:
            found[asset] = tuple(closes)
    as_of = at.date()
    if caps is not None and own is None:
        as_of = caps.as_of(at) or as_of
    return ClosesReady(command.command_id, found, as_of if found else None)
