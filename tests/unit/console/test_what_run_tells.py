"""What `rebalancer run` prints of legs that were not traded."""

from __future__ import annotations

import pytest

from rebalancer_gui.application.events import AccountChanged, RebalanceChanged
from rebalancer_gui.application.ports import EventSink
from rebalancer_gui.console.answers import rebalance_answer
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.planning import SkippedLeg, SkipReason
from rebalancer_gui.headless import Headless
from tests.builders import d
from tests.unit.notifying.told_bench import account, skipped, strategy

OVER = "the order of 600 USDT is over the largest single order of 500 USDT"
RAIL = SkippedLeg("BTC", Side.SELL, d(600), SkipReason.RAIL, detail=OVER)
SMALL = SkippedLeg("ETH", Side.BUY, d(3), SkipReason.BELOW_MINIMUM, d(7))


class Told:
    """An engine that says these events and ends."""

    def __init__(self, sink: EventSink, events: tuple[object, ...]) -> None:
        self._sink, self._events = sink, events

    def stop_at(self, _until: object) -> None:
        """It ends by itself."""

    async def main(self) -> None:
        for event in self._events:
            self._sink(event)


def said(capsys: pytest.CaptureFixture[str], *events: object) -> list[str]:
    """The lines on stdout but the last."""
    headless = Headless(create_demo=False, quiet=False)
    assert headless.run(lambda sink: Told(sink, events)) == 0  # type: ignore[arg-type,return-value]
    return capsys.readouterr().out.splitlines()[:-1]


def test_a_safety_rail_that_said_no_is_named_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    record = skipped(skipped=(RAIL, SMALL))
    out = said(capsys, AccountChanged(account(strategy())), RebalanceChanged("main", record))
    assert f"BTC: {OVER}, ETH: below minimum" in out[-1]
    assert rebalance_answer(record)["skipped"] == [
        {"asset": "BTC", "reason": "safety rail", "shortfall": "0", "detail": OVER},
        {"asset": "ETH", "reason": "below minimum", "shortfall": "7"},
    ]
