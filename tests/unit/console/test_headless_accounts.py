"""`rebalancer run` with several accounts: each is greeted, held, summed up and unlocked by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rebalancer_gui.application.engine import Engine
from rebalancer_gui.application.events import AccountChanged
from rebalancer_gui.application.ports import EventSink
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.domain.market import FeeSchedule
from rebalancer_gui.domain.strategy import TradingMode
from rebalancer_gui.headless import Headless
from tests.builders import NOON, d, parameters, quotes, rules_for
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
LIVE = AccountView(
    "Main", "Main", "LIVE", "USDT", NOW, None, None, None, {}, quotes({"BTC": "100", "ETH": "100"}), FeeSchedule(d(0)), (), None,
    stop_all=False, engine="watch only", next_check=None, last="", trading=TradingMode.WATCH,
)  # fmt: skip


class Script(Engine):
    """Shows these pictures, then ends; ``asked`` is what it was asked for."""

    def __init__(self, views: tuple[AccountView, ...], emit: EventSink) -> None:
        super().__init__((), emit)
        self._views, self._tell, self.asked = views, emit, list[object]()

    def post(self, command: object) -> None:
        self.asked.append(command)

    async def main(self) -> None:
        for view in self._views:
            self._tell(AccountChanged(view))


def told(*views: AccountView, create_demo: bool = False) -> Script:
    made: list[Script] = []

    def make(emit: EventSink) -> Script:
        made.append(Script(views, emit))
        return made[0]

    assert Headless(create_demo=create_demo, quiet=False).run(make) == 0
    return made[0]


def with_a_strategy() -> AccountView:
    """A picture with a running strategy."""
    found: list[AccountView] = []

    async def story() -> None:
        async with Bench(ScriptedVenue(rules_for("BTC", "ETH"))).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            await bench.create(parameters())
            await bench.venue.push()
            await bench.venue.push()
            found.append(bench.view)

    run(story)
    return found[0]


def test_each_account_is_greeted_once_and_summed_up_when_its_own_day_is_over(capsys):
    first = replace(with_a_strategy(), account="first", title="First", at=NOON)
    told(first, LIVE, first, LIVE, replace(first, at=NOON + timedelta(days=1)), LIVE)
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line in {"First.", "Main."}] == ["First.", "Main."]
    assert sum("worst drift" in line for line in lines) == 1


def test_a_locked_key_and_a_halt_are_said_once_each_and_their_end_too(capsys):
    other = replace(LIVE, account="Other", title="Other")
    locked, halted = replace(LIVE, locked="The key of Main is locked."), replace(other, halted="The disk is full.")
    told(locked, halted, locked, halted, LIVE, other)
    assert capsys.readouterr().err.splitlines() == [
        "The key of Main is locked.", "The disk is full.", "The key of Main is unlocked: the account goes on.", "It goes on.",
    ]  # fmt: skip


def test_the_strategy_of_the_demo_is_never_created_on_another_account():
    assert told(replace(LIVE, trading=TradingMode.AUTO), create_demo=True).asked == []
