"""Several portfolios valued at one moment see the same prices, each looked at once."""

from __future__ import annotations

from datetime import timedelta

from rebalancer_gui.domain.market import QuoteFault
from rebalancer_gui.domain.valuation import Marks, snapshot_at, take_snapshot
from tests.builders import NOON, d, quote, quotes, targets


def test_portfolios_that_share_their_marks_are_valued_as_each_by_itself() -> None:
    prices = {**quotes({"BTC": "30000", "ETH": "2000"}), "BTC/EUR": quote("BTC", "27000", money="EUR")}
    prices["SOL/USDT"] = quote("SOL", "20", at=NOON - timedelta(minutes=1))
    marks = Marks(prices, NOON, closed={"ADA/USDT"}.__contains__)
    held = {"BTC": d("0.1"), "ETH": d(1), "SOL": d(3)}
    portfolios = [
        ("USDT", targets(BTC=60, ETH=40)),
        ("EUR", targets(BTC=100)),
        ("USDT", targets(ETH=50, SOL=50)),
        ("USDT", targets(BTC=50, ADA=50)),
        ("USDT", targets(BTC=50, XRP=50)),
    ]

    faults = []
    for money, weights in portfolios:
        shared = snapshot_at(marks, 7, money, weights, held, d(5))
        alone = take_snapshot(
            seq=7, at=NOON, quote_asset=money, targets=weights, quantities=held, cash=d(5), quotes=prices,
            closed=frozenset({"ADA/USDT"}),
        )  # fmt: skip
        assert shared == alone
        faults.append([row.fault for row in shared.holdings])

    assert faults == [
        [None, None],
        [None],
        [None, QuoteFault.STALE],
        [None, QuoteFault.CLOSED],
        [None, QuoteFault.MISSING],
    ]
