"""From watch only to live: the first contact, and the one gate before real money (ORDERS.md section 5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from rebalancer_gui.application.commands import CreateStrategy, StopAll, StopStrategy
from rebalancer_gui.application.connection import ConnectionReport, Permissions, Tier
from rebalancer_gui.application.events import CommandRejected, ConnectionShown
from rebalancer_gui.application.safety_commands import BeginFirstContact, CheckConnection, GoLive, SetTradingMode
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import OrderType, Rejected, Side, Unknown
from rebalancer_gui.domain.rails import AccountKind, Rail, RailSet
from rebalancer_gui.domain.risk import RISK_VERSION
from rebalancer_gui.domain.strategy import State, TradingMode
from tests.builders import d, parameters, rules_for
from tests.engine_bench import Bench, run
from tests.fakes import FakeStore
from tests.scripted_venue import ScriptedVenue

GOOD = ConnectionReport(
    "Binance", Tier.FIRST_CLASS, "the wire suite", "not yet confirmed on the real exchange", "0a1b2c3d",
    identity="uid 1", permissions=Permissions(may_trade=True, may_withdraw=False, ip_restricted=True),
)  # fmt: skip
RAILS = RailSet(AccountKind.LIVE)


class Exchange:
    """The live side of the account, as the test wants it."""

    def __init__(self, report: ConnectionReport = GOOD) -> None:
        self.report = report
        self.fingerprint, self.tier, self.against_folder = report.fingerprint, report.tier, ""
        self.answers, self.locked = True, ""

    async def look_for_key(self) -> bool:
        return not self.locked

    async def probe(self) -> ConnectionReport:
        if not self.answers:
            raise VenueUnavailable("timeout")
        return self.report


def live(side: Exchange | None = None, store: FakeStore | None = None, venue: ScriptedVenue | None = None) -> Bench:
    venue = venue or ScriptedVenue(rules_for("BTC", "ETH"), fee="0.001")
    return Bench(venue, store, rails=RAILS, trading=TradingMode.WATCH, live=side or Exchange())


def go(**changes: object) -> Callable[[str], GoLive]:
    wanted = GoLive("", "paper", "paper", RISK_VERSION, d(500), TradingMode.AUTO)
    return lambda i: replace(wanted, command_id=i, **changes)  # type: ignore[arg-type]


def begin(i: str) -> BeginFirstContact:
    return BeginFirstContact(i, "paper", "BTC/USDT")


async def priced(bench: Bench) -> None:
    for coin in ("BTC", "ETH"):
        bench.venue.set_price(coin, "100", "100.1")
    await bench.venue.push()


async def contacted(bench: Bench) -> None:
    """The first contact is made and over."""
    await priced(bench)
    await bench.do(begin)
    for _ in range(4):
        await bench.venue.push()
    assert bench.view.strategies[0].state is State.ENDED


def trading(bench: Bench) -> TradingMode:
    return bench.view.trading


async def shown(bench: Bench) -> ConnectionShown:
    answer = await bench.ask(lambda i: CheckConnection(i, "paper"))
    assert isinstance(answer, ConnectionShown), answer
    return answer


def test_a_first_contact_buys_the_smallest_legal_amount_sells_it_back_and_is_the_evidence():
    async def story() -> None:
        async with live().running() as bench:
            await priced(bench)
            before = await shown(bench)
            assert before.evidence is None
            assert any("no first contact" in words for words in before.lacking)
            offer = next(o for o in before.offers if o.symbol == "BTC/USDT")
            await contacted(bench)
            sides = [(p.side, p.type) for p in bench.venue.posts]
            assert sides == [(Side.BUY, OrderType.LIMIT_IOC), (Side.SELL, OrderType.LIMIT_IOC)]
            bought, sold = bench.venue.posts
            assert bought.quantity * d("100.1") <= offer.investment
            assert sold.quantity * 100 >= bench.venue.rules["BTC/USDT"].min_notional
            after = await shown(bench)
            assert after.evidence is not None
            assert after.evidence.trades == tuple(p.client_order_id for p in bench.venue.posts)
            assert ZERO < after.evidence.cost <= offer.cost * 2
            assert after.lacking == ()
            assert trading(bench) is TradingMode.WATCH
            bench.assert_conserved()

    run(story)


def test_what_it_will_cost_is_told_before():
    async def story() -> None:
        async with live().running() as bench:
            await priced(bench)
            offer = (await shown(bench)).offers[0]
            # The smallest order is worth 10; spread 0.1 of 100, two fees of 0.1 %.
            assert d("0.025") < offer.cost < d("0.04"), offer
            assert d(10) < offer.investment < d(11)

    run(story)


@pytest.mark.rule("11a.5", "6.4b")
def test_trading_is_switched_on_with_the_typed_name_the_risk_text_a_cap_and_the_evidence():
    async def story() -> None:
        async with live().running() as bench:
            await contacted(bench)
            for wrong, field in (
                (go(typed_name="Paper"), "account"),
                (go(risk_version=RISK_VERSION - 1), "risk"),
                (go(max_order=ZERO), "max_order"),
                (go(mode=TradingMode.WATCH), "trading"),
            ):
                assert (await bench.rejected(wrong)).field == field
                assert trading(bench) is TradingMode.WATCH
            await bench.do(go())
            await bench.venue.push()
            assert trading(bench) is TradingMode.AUTO
            assert bench.view.rails.limit(Rail.ORDER_CAP) == d(500)
            assert any("nothing rests on the exchange" in words for words in bench.said("user"))
            accepted = bench.store.load().values["risk_accepted"]
            assert f'"version": {RISK_VERSION}' in accepted
            assert str(bench.venue.clock.now().year) in accepted
            assert await bench.create(parameters())

    run(story)


def test_without_a_first_contact_trading_stays_off_and_the_refusal_says_what_is_lacking():
    async def story() -> None:
        async with live().running() as bench:
            await priced(bench)
            refused = await bench.rejected(go())
            assert "no first contact with this key" in refused.message
            assert trading(bench) is TradingMode.WATCH
            assert isinstance(await bench.ask(lambda i: CreateStrategy(i, "paper", parameters())), CommandRejected)

    run(story)


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (replace(GOOD, permissions=replace(GOOD.permissions, may_withdraw=True)), "may withdraw"),
        (replace(GOOD, permissions=replace(GOOD.permissions, may_trade=False)), "no right to trade"),
        (replace(GOOD, tier=Tier.WATCH_ONLY, tier_reason="no wire suite."), "watch only"),
        (replace(GOOD, problems=("The balances cannot be read.",)), "balances cannot be read"),
        (replace(GOOD, identity="uid 2"), "another account"),
    ],
)
def test_what_the_exchange_says_at_the_last_moment_can_still_refuse_it(report: ConnectionReport, words: str):
    async def story() -> None:
        side = Exchange()
        async with live(side).running() as bench:
            await contacted(bench)
            side.report, side.tier = report, report.tier
            assert words in (await bench.rejected(go())).message
            assert trading(bench) is TradingMode.WATCH

    run(story)


@pytest.mark.parametrize("may_withdraw", [True, False])
def test_a_key_that_may_withdraw_never_sends_even_the_first_contact(*, may_withdraw: bool):
    async def story() -> None:
        permissions = replace(GOOD.permissions, may_withdraw=may_withdraw)
        async with live(Exchange(replace(GOOD, permissions=permissions))).running() as bench:
            await priced(bench)
            answer = await bench.ask(begin)
            assert isinstance(answer, CommandRejected) is may_withdraw
            for _ in range(3):
                await bench.venue.push()
            assert bool(bench.venue.posts) is not may_withdraw

    run(story)


def test_settings_cannot_go_round_the_gate_but_back_to_watch_only():
    async def story() -> None:
        async with live().running() as bench:
            await contacted(bench)
            refused = await bench.rejected(lambda i: SetTradingMode(i, "paper", TradingMode.AUTO))
            assert "typing its name" in refused.message
            await bench.do(go())
            await bench.do(lambda i: SetTradingMode(i, "paper", TradingMode.APPROVE))
            await bench.do(lambda i: SetTradingMode(i, "paper", TradingMode.WATCH))
            assert (await bench.rejected(lambda i: SetTradingMode(i, "paper", TradingMode.APPROVE))).field == "trading"

    run(story)


def test_a_new_key_is_watch_only_at_its_first_start_and_needs_a_contact_of_its_own():
    async def story() -> None:
        store, venue = FakeStore(), ScriptedVenue(rules_for("BTC", "ETH"), fee="0.001")
        async with live(store=store, venue=venue).running() as bench:
            await contacted(bench)
            await bench.do(go())
        side = Exchange(replace(GOOD, fingerprint="ffffffff"))
        async with live(side, store, venue).running() as bench:
            await priced(bench)
            assert trading(bench) is TradingMode.WATCH
            assert (await shown(bench)).evidence is None
            assert "no first contact" in (await bench.rejected(go())).message
        async with live(store=store, venue=venue).running() as bench:
            await priced(bench)
            assert trading(bench) is TradingMode.WATCH, "the old key again: its name is typed again"
            await bench.do(go())

    run(story)


def test_while_the_first_contact_runs_nothing_else_is_begun():
    async def story() -> None:
        async with live().running() as bench:
            await priced(bench)
            bench.venue.answer = lambda request: Unknown("timeout")
            bench.venue.lookup_is_authoritative = False
            bench.venue.lookup_works = False
            await bench.do(begin)
            await bench.venue.push()
            assert "first contact" in (await bench.refused(parameters())).message
            assert "first contact" in (await bench.rejected(begin)).message
            assert len(bench.venue.posts) == 1

    run(story)


def test_one_that_its_owner_stops_or_that_buys_nothing_proves_nothing():
    async def story() -> None:
        async with live().running() as bench:
            await priced(bench)
            bench.venue.answer = lambda request: Rejected("no", "-2010")
            await bench.do(begin)
            await bench.venue.push()
            contact = bench.view.strategies[0]
            await bench.do(lambda i: StopStrategy(i, contact.id, sell_all=False))
            await bench.venue.push()
            await bench.venue.push()
            assert bench.view.strategies[0].state is State.ENDED
            assert trading(bench) is TradingMode.WATCH
            assert (await shown(bench)).evidence is None
            assert bench.venue.held == {"USDT": d(10000)}

    run(story)


def test_stop_all_holds_the_first_contact_too():
    async def story() -> None:
        async with live().running() as bench:
            await priced(bench)
            await bench.do(begin)
            await bench.do(StopAll)
            for _ in range(3):
                await bench.venue.push()
            assert bench.venue.posts == []

    run(story)


def test_what_cannot_be_bought_is_refused_with_the_amount():
    async def story() -> None:
        venue = ScriptedVenue(rules_for("BTC", "ETH"), money="5", fee="0.001")
        async with live(venue=venue).running() as bench:
            await priced(bench)
            assert (await shown(bench)).offers == ()
            assert "free are 5" in (await bench.rejected(begin)).message
            other = await bench.rejected(lambda i: BeginFirstContact(i, "paper", "GONE/USDT"))
            assert "no open market" in other.message

    run(story)


def test_an_exchange_that_does_not_answer_switches_nothing_on():
    async def story() -> None:
        side = Exchange()
        async with live(side).running() as bench:
            await contacted(bench)
            side.answers = False
            assert "timeout" in (await bench.rejected(go())).message
            assert trading(bench) is TradingMode.WATCH

    run(story)


def test_a_cloud_folder_is_no_place_for_a_live_account():
    async def story() -> None:
        side = Exchange()
        async with live(side).running() as bench:
            await contacted(bench)
            side.against_folder = "The data folder is synchronised with a cloud: move it."
            assert "cloud" in (await bench.rejected(go())).message

    run(story)
