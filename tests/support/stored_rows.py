"""Small legal rows for tests of a store; every one can be changed with `dataclasses.replace`."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from rebalancer_gui.application.ports import Store
from rebalancer_gui.application.records import (
    FeeRow,
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
from rebalancer_gui.domain.strategy import (
    Basis,
    Direction,
    HaltKind,
    Level,
    RatioRule,
    Rule,
    State,
    StrategyParameters,
    StrategyRecord,
    Target,
    TimeRule,
    Trigger,
)

ACCOUNT = "paper"
START = datetime(2021, 3, 14, 15, 9, 26, 535897, UTC)
RATIO: Rule = RatioRule(Decimal("0.5"), timedelta(seconds=2))
TIME: Rule = TimeRule(timedelta(days=7), Decimal(0))


def parameters(name: str = "Core 2", rule: Rule = RATIO) -> StrategyParameters:
    targets = (Target("BTC", Decimal("33.34")), Target("ETH", Decimal("66.66")))
    return StrategyParameters(name, "USDT", targets, Decimal("1000.5"), rule)


def a_strategy(strategy_id: str = "s-1", rule: Rule = RATIO) -> StrategyRecord:
    return StrategyRecord(strategy_id, ACCOUNT, parameters(strategy_id, rule), 1, State.BUILDING, START)


def a_living_strategy(strategy_id: str = "s-1") -> StrategyRecord:
    """Everything that a strategy can have, none of it as it is at the beginning."""
    chosen = replace(
        parameters(strategy_id, TIME),
        sell_all_on_stop=True,
        trigger=Trigger("BTC/USDT", Decimal("56789.01"), Direction.FALLING),
        stop_loss=Level(Basis.PRICE, Decimal("0.00001234"), "ETH/USDT"),
        take_profit=Level(Basis.RETURN, Decimal("12.5")),
    )
    return StrategyRecord(
        id=strategy_id,
        account=ACCOUNT,
        parameters=chosen,
        version=1,
        state=State.HALTED,
        created_at=START,
        started_at=START + timedelta(microseconds=1),
        ended_at=START + timedelta(days=400),
        reason="halted — «by hand»",
        former_state=State.RUNNING,
        last_tick=12,
        halt=HaltKind.MARKET,
        grid_from=START + timedelta(days=3, microseconds=7),
        pending="by hand",
        growth=Decimal("1.0123456789012345678901234567890123456789012345678"),
        growth_base=Decimal("1234.567890123456789"),
    )


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


def a_fee_return(strategy_id: str = "s-1", trade_id: str = "1") -> FeeRow:
    return FeeRow(
        key=0,
        at=START + timedelta(milliseconds=4),
        strategy_id=strategy_id,
        trade_id=trade_id,
        symbol="BTC/USDT",
        fee_asset="BTC",
        fee=Decimal("0.000002"),
        refunded=Decimal("0.000002"),
        bnb_paid=Decimal("0.00032781"),
        saved=Decimal("0.028394505"),
        paid_value=Decimal("0.085183515"),
        refunded_value=Decimal("0.11357802"),
        note="",
    )


def an_entry(entry_id: str = "j-1", strategy_id: str = "s-1", text: str = "Within the threshold.") -> JournalEntry:
    return JournalEntry(entry_id, strategy_id, START, START, 1, "hold", text)


def with_strategies(store: Store, *strategy_ids: str) -> None:
    """Commit a strategy for each id."""
    with store.transaction():
        for strategy_id in strategy_ids:
            store.save_strategy(a_strategy(strategy_id), START)


def reopened(store: Store) -> Store:
    """The same store after a restart of the program."""
    store.close()
    store.open()
    return store
