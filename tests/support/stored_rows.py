"""Small legal rows for tests of a store; every one can be changed with `dataclasses.replace`."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from rebalancer_gui.application.ports import Store
from rebalancer_gui.application.records import (
    JournalEntry,
    LegOutcome,
    LegResult,
    Outcome,
    RebalanceRecord,
    TransferKind,
    TransferRow,
)
from rebalancer_gui.domain.orders import Fill, OrderIntent, OrderRequest, OrderType, Side
from rebalancer_gui.domain.outcome import Reached
from rebalancer_gui.domain.planning import SkippedLeg, SkipReason
from rebalancer_gui.domain.strategy import RatioRule, Rule, State, StrategyParameters, StrategyRecord, Target, TimeRule

ACCOUNT = "paper"
START = datetime(2021, 3, 14, 15, 9, 26, 535897, UTC)
RATIO: Rule = RatioRule(Decimal("0.5"), timedelta(seconds=2))
TIME: Rule = TimeRule(timedelta(days=7), Decimal(0))


def parameters(name: str = "Core 2", rule: Rule = RATIO) -> StrategyParameters:
    targets = (Target("BTC", Decimal("33.34")), Target("ETH", Decimal("66.66")))
    return StrategyParameters(name, "USDT", targets, Decimal("1000.5"), rule)


def a_strategy(strategy_id: str = "s-1", rule: Rule = RATIO) -> StrategyRecord:
    return StrategyRecord(strategy_id, ACCOUNT, parameters(strategy_id, rule), 1, State.BUILDING, START)


def an_intent(client_order_id: str = "rbtest000000000001", strategy_id: str = "s-1") -> OrderIntent:
    request = OrderRequest(
        client_order_id, "BTC/USDT", Side.BUY, OrderType.LIMIT_IOC, Decimal("0.00417"), Decimal("56789.01")
    )
    return OrderIntent(request, ACCOUNT, strategy_id, "r-1", 1, "USDT", Decimal("236.8101717"), START)


def a_fill(trade_id: str = "1", client_order_id: str = "rbtest000000000001") -> Fill:
    return Fill(
        trade_id,
        client_order_id,
        "BTC/USDT",
        Side.BUY,
        Decimal("0.002"),
        Decimal("56789.01"),
        Decimal("0.000002"),
        "BTC",
        START + timedelta(milliseconds=3),
    )


def a_rebalance(rebalance_id: str = "r-1", strategy_id: str = "s-1") -> RebalanceRecord:
    leg = LegResult(
        "BTC",
        "BTC/USDT",
        Side.BUY,
        Decimal("236.83"),
        Decimal("0.00417"),
        Decimal("56789.01"),
        Decimal("0.002"),
        LegOutcome.PARTLY,
        "the book was thin",
    )
    skipped = SkippedLeg("ETH", Side.SELL, Decimal("3.21"), SkipReason.BELOW_MINIMUM, Decimal("1.79"), "at the bid")
    reached = Reached("BTC", Decimal("33.34"), Decimal("33.331234567890123456789"), "step size")
    return RebalanceRecord(
        id=rebalance_id,
        strategy_id=strategy_id,
        at=START,
        reason="by coin ratio",
        worst_drift=Decimal("0.512345678901234567890123456789"),
        snapshot_seq=77,
        legs=(leg,),
        skipped=(skipped,),
        outcome=Outcome.RUNNING,
        message="said on screen",
        advice="and what to do",
        reached=(reached,),
    )


def a_transfer(
    kind: TransferKind = TransferKind.INVESTED, strategy_id: str = "s-1", value: str = "1000.5"
) -> TransferRow:
    return TransferRow(0, START, strategy_id, kind, "USDT", Decimal(value), Decimal(value))


def an_entry(entry_id: str = "j-1", strategy_id: str = "s-1", text: str = "Within the threshold.") -> JournalEntry:
    return JournalEntry(entry_id, strategy_id, START, START, 1, "hold", text)


def with_strategies(store: Store, *strategy_ids: str) -> None:
    """Commit a strategy for each id."""
    with store.transaction():
        for strategy_id in strategy_ids:
            store.save_strategy(a_strategy(strategy_id))


def reopened(store: Store) -> Store:
    """The same store after a restart of the program."""
    store.close()
    store.open()
    return store
