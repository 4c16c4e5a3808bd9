"""Which rails an account has, what its owner may set, and that a wrong setting is refused with what is legal."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalancer_gui.application.rail_settings import from_text, mode_from_text, to_text
from rebalancer_gui.domain.rails import (
    RAILS,
    AccountKind,
    Effect,
    Rail,
    RailSet,
    Unit,
    fault_of_value,
    legal_words,
    problems_with_rails,
)
from rebalancer_gui.domain.strategy import TradingMode
from tests.builders import d

DEFAULTS = {
    Rail.ORDER_SHARE: "50", Rail.ORDER_VOLUME: "2", Rail.TURNOVER: "1", Rail.TURNOVER_ACCOUNT: "2", Rail.PACE: "2",
    Rail.RATE: "60", Rail.RATE_ACCOUNT: "200", Rail.INTERVAL: "60", Rail.CHECKS: "2", Rail.REFUSED: "5",
    Rail.SAME_REFUSAL: "3", Rail.SPREAD_MAJOR: "1", Rail.SPREAD: "3", Rail.LAST_GAP: "2", Rail.FROZEN: "60",
    Rail.JUMP: "10", Rail.PORTFOLIO: "20", Rail.DEPEG: "3", Rail.EXIT_APART: "10", Rail.PRICE_CAP: "0.3",
    Rail.FALLBACK_CAP: "1", Rail.IMPACT: "0.5", Rail.CATCH_UP: "1", Rail.CLOCK_WARN: "1", Rail.CLOCK_BLOCK: "5",
    Rail.API_BUDGET: "70",
}  # fmt: skip


def test_every_rail_is_in_the_table_with_a_reason_in_a_sentence() -> None:
    assert set(RAILS) == set(Rail)
    for rail, info in RAILS.items():
        assert info.rail is rail
        assert info.reason.endswith("."), rail
        assert len(info.reason) > 20, rail
        assert not info.title.endswith("."), rail


@pytest.mark.parametrize(("rail", "default"), DEFAULTS.items())
def test_the_defaults_are_those_of_the_specification(rail: Rail, default: str) -> None:
    assert RailSet(AccountKind.LIVE).limit(rail) == d(default)


def test_no_cap_in_money_is_there_until_its_owner_sets_one() -> None:
    rails = RailSet(AccountKind.LIVE)
    assert rails.is_on(Rail.ORDER_CAP)
    assert rails.limit(Rail.ORDER_CAP) is None
    assert rails.with_settings({Rail.ORDER_CAP: d(500)}, frozenset()).limit(Rail.ORDER_CAP) == 500


def test_a_live_account_has_every_rail_and_paper_on_live_prices_all_but_those_of_going_live() -> None:
    assert all(RailSet(AccountKind.LIVE).is_on(rail) for rail in Rail)
    assert {r for r in Rail if not RailSet(AccountKind.PAPER).is_on(r)} == {Rail.GO_LIVE, Rail.PERMISSIONS}


def test_the_demo_has_only_good_prices_stop_all_single_flight_and_the_rules_of_every_order() -> None:
    on = {rail for rail in Rail if RailSet().is_on(rail)}
    assert on == {
        Rail.GOOD_PRICES, Rail.STOP_ALL, Rail.SINGLE_FLIGHT, Rail.CATCH_UP, Rail.REFUSED, Rail.PRICE_CAP,
        Rail.FALLBACK_CAP, Rail.IMPACT,
    }  # fmt: skip
    assert all(RailSet().limit(rail) is None for rail in Rail if rail not in on)


def test_a_rail_that_is_off_says_why() -> None:
    assert "demo" in RailSet().why_off(Rail.INTERVAL)
    assert "paper" in RailSet(AccountKind.PAPER).why_off(Rail.GO_LIVE)
    switched = RailSet(AccountKind.LIVE, off=frozenset({Rail.INTERVAL}))
    assert switched.why_off(Rail.INTERVAL) == "Switched off by you."
    assert switched.limit(Rail.INTERVAL) is None
    assert RailSet(AccountKind.LIVE).why_off(Rail.INTERVAL) == ""


def test_the_effects_are_those_of_the_specification() -> None:
    skip = {Rail.ORDER_SHARE, Rail.ORDER_VOLUME, Rail.ORDER_CAP, Rail.SPREAD, Rail.SPREAD_MAJOR, Rail.LAST_GAP,
            Rail.FROZEN, Rail.IMPACT}  # fmt: skip
    hold = {Rail.INTERVAL, Rail.TURNOVER, Rail.TURNOVER_ACCOUNT, Rail.RATE, Rail.RATE_ACCOUNT}
    halt = {Rail.REFUSED, Rail.SAME_REFUSAL, Rail.REDENOMINATION}
    for rails, effect in ((skip, Effect.SKIP), (hold, Effect.HOLD), (halt, Effect.HALT)):
        assert {RAILS[rail].effect for rail in rails} == {effect}


def test_exits_are_spared_by_size_turnover_hourly_rate_interval_and_portfolio_only() -> None:
    spared = {rail for rail, info in RAILS.items() if info.spares_exits}
    assert spared == {
        Rail.ORDER_SHARE, Rail.ORDER_VOLUME, Rail.ORDER_CAP, Rail.TURNOVER, Rail.TURNOVER_ACCOUNT, Rail.RATE,
        Rail.RATE_ACCOUNT, Rail.INTERVAL, Rail.PORTFOLIO, Rail.DEPEG,
    }  # fmt: skip


EDITABLE = [rail for rail, info in RAILS.items() if info.editable]


@pytest.mark.parametrize("rail", EDITABLE)
def test_the_legal_range_holds_to_its_last_step_and_the_refusal_names_it(rail: Rail) -> None:
    info = RAILS[rail]
    assert info.default is None or not fault_of_value(rail, info.default)
    for legal in (info.low, info.high):
        assert fault_of_value(rail, legal) == ""
    for wrong in (info.low - info.grid, info.high + info.grid, info.low + info.grid / 2, d("NaN"), d("Infinity")):
        fault = fault_of_value(rail, wrong)
        assert legal_words(rail) in fault


@pytest.mark.parametrize("rail", [rail for rail in Rail if rail not in EDITABLE])
def test_a_fixed_rail_cannot_be_changed(rail: Rail) -> None:
    assert "cannot be changed" in fault_of_value(rail, d(1))


def test_settings_are_refused_with_the_field_of_the_rail() -> None:
    live = AccountKind.LIVE
    assert [p.field for p in problems_with_rails(live, {Rail.RATE: d(0)}, frozenset())] == ["rate"]
    assert [p.field for p in problems_with_rails(live, {}, frozenset({Rail.JUMP}))] == ["jump"]
    assert problems_with_rails(live, {}, frozenset({Rail.INTERVAL})) == []
    off_here = problems_with_rails(AccountKind.DEMO, {Rail.RATE: d(30)}, frozenset())
    assert "off on a paper account on the demo market" in off_here[0].message
    wide = problems_with_rails(live, {Rail.SPREAD_MAJOR: d(4)}, frozenset())
    assert wide[0].field == "spread_major"
    assert problems_with_rails(live, {Rail.SPREAD_MAJOR: d(4), Rail.SPREAD: d(5)}, frozenset()) == []


SETTINGS = st.dictionaries(
    st.sampled_from([r for r in EDITABLE if r not in {Rail.SPREAD, Rail.SPREAD_MAJOR}]), st.integers(0, 10_000)
)


@given(SETTINGS, st.sets(st.sampled_from([rail for rail, info in RAILS.items() if info.switchable])))
def test_what_is_stored_comes_back_as_it_was(steps: dict[Rail, int], off: set[Rail]) -> None:
    values = {}
    for rail, step in steps.items():
        info = RAILS[rail]
        values[rail] = min(info.low + step * info.grid, info.high)
    fresh = RailSet(AccountKind.LIVE)
    assert problems_with_rails(fresh.kind, values, frozenset(off)) == []
    rails = fresh.with_settings(values, frozenset(off))
    assert from_text(fresh, to_text(rails)) == rails


def test_a_stored_setting_that_is_not_legal_any_more_falls_back_to_the_default() -> None:
    fresh = RailSet(AccountKind.LIVE)
    text = '{"values": {"rate": "99999", "interval": "120", "unheard_of": "1"}, "off": ["jump", "depeg"]}'
    rails = from_text(fresh, text)
    assert rails.limit(Rail.RATE) == 60
    assert rails.limit(Rail.INTERVAL) == 120
    assert rails.is_on(Rail.JUMP)
    assert not rails.is_on(Rail.DEPEG)
    assert to_text(fresh) == ""


def test_defaults_are_not_stored() -> None:
    rails = RailSet(AccountKind.LIVE).with_settings({Rail.RATE: d(60), Rail.INTERVAL: d(90)}, frozenset())
    assert rails.values == {Rail.INTERVAL: Decimal(90)}


def test_a_mode_that_is_not_known_is_the_accounts_own() -> None:
    assert mode_from_text("approve", TradingMode.AUTO) is TradingMode.APPROVE
    assert mode_from_text("", TradingMode.WATCH) is TradingMode.WATCH


def test_every_unit_but_none_has_a_word_for_the_screen() -> None:
    assert all(unit.value for unit in Unit if unit is not Unit.NONE)
