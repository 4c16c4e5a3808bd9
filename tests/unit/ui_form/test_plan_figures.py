"""What a plan comes to, in numbers reckoned by hand."""

from decimal import Decimal

import pytest

from rebalancer_gui.domain.market import FeeSchedule, FeeSide, MarketRules, Quote
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.planning import Plan, SkippedLeg, SkipReason, plan_rebalance
from rebalancer_gui.domain.strategy import Target
from rebalancer_gui.domain.valuation import take_snapshot
from rebalancer_gui.ui.dialogs.plan_figures import figures_of, leg_fee, skipped_text
from rebalancer_gui.ui.formatting import NumberFormat
from tests.ui.sample_market import NOW

NUMBERS = NumberFormat()
RECEIVED = FeeSchedule(Decimal("0.001"))


def market(base: str) -> MarketRules:
    return MarketRules(base, "USDT", Decimal("0.01"), Decimal("0.01"), Decimal("0.01"), Decimal(9000), Decimal(10))


def quote(symbol: str, price: int) -> Quote:
    return Quote(symbol, Decimal(price), Decimal(price), Decimal(price), NOW, NOW)


def plan(cash: str, fees: FeeSchedule = RECEIVED, quantities: dict[str, Decimal] | None = None) -> Plan:
    snapshot = take_snapshot(
        seq=1,
        at=NOW,
        quote_asset="USDT",
        targets=(Target("AAA", Decimal(75)), Target("BBB", Decimal(25))),
        quantities=quantities or {},
        cash=Decimal(cash),
        quotes={"AAA/USDT": quote("AAA/USDT", 100), "BBB/USDT": quote("BBB/USDT", 7)},
    )
    return plan_rebalance(snapshot, {"AAA/USDT": market("AAA"), "BBB/USDT": market("BBB")}, fees)


def test_a_first_build_with_the_fee_taken_in_the_coin():
    figures = figures_of(plan("200"), RECEIVED)
    # 1.50 AAA and 7.14 BBB: 150 + 49.98 are traded, 0.02 stay; each coin loses a thousandth.
    assert figures.traded == Decimal("199.98")
    assert figures.fees == Decimal("0.19998")
    assert figures.cash == Decimal("0.02")
    by_asset = {row.asset: row for row in figures.after}
    assert by_asset["AAA"].quantity == Decimal("1.4985")
    assert by_asset["AAA"].value == Decimal("149.85")
    assert by_asset["BBB"].value == Decimal("49.93002")
    assert figures.value == Decimal("199.80002")
    assert by_asset["USDT"].target is None
    assert sum(row.weight for row in figures.after if row.weight is not None) == pytest.approx(100)


def test_a_fee_in_quote_comes_out_of_the_cash():
    fees = FeeSchedule(Decimal("0.001"), FeeSide.QUOTE)
    figures = figures_of(plan("201", fees), fees)
    by_asset = {row.asset: row for row in figures.after}
    assert by_asset["AAA"].quantity == Decimal("1.50")
    assert figures.cash == Decimal(201) - figures.traded * Decimal("1.001")


def test_a_sell_brings_money_and_takes_the_coin():
    figures = figures_of(plan("0", quantities={"AAA": Decimal(2)}), RECEIVED)
    by_asset = {row.asset: row for row in figures.after}
    assert by_asset["AAA"].quantity == Decimal("1.50")
    assert by_asset["BBB"].quantity > 0


def test_the_fee_of_an_order_is_its_share_of_the_value():
    leg = plan("200").legs[0]
    assert leg_fee(leg, RECEIVED) == leg.notional / 1000


@pytest.mark.parametrize(
    ("reason", "shortfall", "says"),
    (
        (SkipReason.BELOW_MINIMUM, "1", "4.00\u00a0USDT is under the 5.00\u00a0USDT minimum of SOL/USDT"),
        (SkipReason.BELOW_MINIMUM, "0", "4.00\u00a0USDT, cut to the step size, is under the minimum of SOL/USDT"),
        (SkipReason.NO_MONEY, "0", "not enough money is left"),
        (SkipReason.MARKET_CLOSED, "0", "market closed"),
    ),
)
def test_a_skipped_leg_says_its_number_and_reason(reason, shortfall, says):
    leg = SkippedLeg("SOL", Side.BUY, Decimal(4), reason, Decimal(shortfall))
    assert says in skipped_text(leg, "USDT", NUMBERS)
