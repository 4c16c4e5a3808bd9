"""What a draft says while it is typed: every bad input has its field and its sentence."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.domain.naming import suggested_name
from rebalancer_gui.domain.strategy import RatioRule, Target, TimeRule
from rebalancer_gui.ui.create.fixes import FixKind
from rebalancer_gui.ui.create.form_state import Draft, examine, in_locale
from rebalancer_gui.ui.create.surroundings import Surroundings
from rebalancer_gui.ui.create.weights import Allocation, Distribution
from rebalancer_gui.ui.formatting import NumberFormat, NumberMarks
from tests.ui.sample_market import START_PRICES, make_quotes, market_rules

NUMBERS = NumberFormat()
GERMAN = NumberFormat(NumberMarks(",", "."))
AROUND = Surroundings(
    account="paper",
    main_quote="USDT",
    rules=market_rules(),
    quotes=make_quotes(START_PRICES),
    free={"USDT": Decimal(1900)},
    names=("Core 4",),
    occupied=1,
)


def allocation(**weights: str | int) -> Allocation:
    return Allocation().with_targets([Target(asset, Decimal(weight)) for asset, weight in weights.items()])


def draft(**changes: object) -> Draft:
    good = Draft(name="BTC ETH", quote="USDT", allocation=allocation(BTC=60, ETH=40), investment=Decimal(240))
    return replace(good, **changes)  # type: ignore[arg-type]


def examined(around: Surroundings | None = AROUND, **changes: object):
    return examine(draft(**changes), around, NUMBERS)


def test_a_good_draft_gives_what_create_sends():
    findings = examined()
    assert findings.problems == ()
    parameters = findings.parameters
    assert parameters is not None
    assert parameters.targets == (Target("BTC", Decimal(60)), Target("ETH", Decimal(40)))
    assert parameters.rule == RatioRule(Decimal(1), timedelta(seconds=2))
    assert findings.smallest is not None
    assert findings.smallest < 240


def test_by_time_sends_interval_and_gate():
    parameters = examined(by_time=True, interval=timedelta(hours=36), gate=Decimal(0)).parameters
    assert parameters is not None
    assert parameters.rule == TimeRule(timedelta(hours=36), Decimal(0))


@pytest.mark.rule("12.6")
@pytest.mark.parametrize(
    ("changes", "field", "says"),
    (
        ({"allocation": allocation(BTC="59.99", ETH=40)}, "weights", "add up to 99.99 %"),
        ({"allocation": allocation(BTC="60.01", ETH=40)}, "weights", "0.01 % is too much"),
        ({"allocation": allocation(BTC=100)}, "coins", "one coin is not enough"),
        (
            {"allocation": Allocation().with_added([f"C{i}" for i in range(11)])},
            "coins",
            "11 coins: a strategy holds 2 to 10",
        ),
        ({"allocation": allocation(USDT=40, BTC=60)}, "coins", "USDT is the strategy's money, not a coin."),
        (
            {"allocation": replace(allocation(BTC=60), coins=(*allocation(BTC=60).coins, *allocation(BTC=40).coins))},
            "coins",
            "BTC is there twice",
        ),
        ({"threshold": Decimal(0)}, "threshold", "0.1 to 50 %"),
        ({"threshold": Decimal(51)}, "threshold", "0.1 to 50 %"),
        ({"threshold": Decimal("0.15")}, "threshold", "steps of 0.1"),
    ),
)
def test_each_row_of_test_vector_6_is_refused_with_its_field_named(changes, field, says):
    findings = examined(**changes)
    assert says in findings.message(field)
    assert findings.parameters is None


@pytest.mark.rule("12.6b")
def test_a_twenty_first_strategy_is_refused():
    findings = examined(replace(AROUND, occupied=20))
    assert "20 strategies run on this account" in findings.message("strategies")
    assert findings.parameters is None


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    (
        ({"name": "core 4"}, "name", "There is a strategy named core 4 already"),
        ({"name": "   "}, "name", "needs a name"),
        ({"name": "x" * 41}, "name", "at most 40"),
        ({"name": "a\u202eb"}, "name", "visible"),
        ({"allocation": allocation(BTC=60, XYZ=40)}, "coins", "XYZ cannot be traded in USDT"),
        ({"quote": "EUR"}, "quote", "EUR is not a money of this account"),
        ({"investment": Decimal("1900.01")}, "investment", "Free are 1,900.00\u00a0USDT"),
        ({"investment": Decimal("1E+18")}, "investment", "Free are 1,900.00\u00a0USDT"),
        ({"investment": Decimal("0.00000001")}, "investment", "the smallest that works is"),
        ({"investment": Decimal(0)}, "investment", "above 0 USDT"),
        ({"investment": Decimal(-5)}, "investment", "above 0 USDT"),
        ({"investment": None}, "investment", "to 1,900.00\u00a0USDT"),
        ({"investment": None, "unreadable": {"investment": "Not a number."}}, "investment", "Not a number."),
        ({"allocation": allocation(BTC=100, ETH=0)}, "weights", "ETH: 0 % is not a weight"),
        ({"by_time": True, "interval": timedelta(seconds=59)}, "interval", "between 1 minute and 90 days"),
        ({"by_time": True, "interval": timedelta(days=91)}, "interval", "between 1 minute and 90 days"),
        ({"by_time": True, "gate": Decimal(51)}, "gate", "0 to 50 %"),
        ({"check_period": timedelta(hours=2)}, "check_period", "between 1 second and 1 hour"),
        ({"threshold": None, "unreadable": {"threshold": "No number."}}, "threshold", "No number."),
    ),
)
def test_bad_input_is_refused_next_to_its_field(changes, field, says):
    findings = examined(**changes)
    assert says in findings.message(field)
    assert findings.parameters is None


def test_a_fault_of_the_rule_that_is_not_chosen_does_not_matter():
    findings = examined(by_time=False, gate=None, unreadable={"gate": "No number."})
    assert findings.problems == ()


def test_an_empty_form_asks_for_coins_and_not_for_a_name():
    findings = examine(Draft(quote="USDT"), AROUND, NUMBERS)
    assert findings.first is not None
    assert findings.first.field == "coins"
    assert findings.message("name") == ""


def test_without_an_account_the_engine_is_still_starting():
    first = examined(None).first
    assert first is not None
    assert "engine is starting" in first.message


def test_after_stop_all_nothing_is_created():
    first = examined(replace(AROUND, stop_all=True)).first
    assert first is not None
    assert "Resume trading" in first.message


def test_a_coin_without_price_is_named():
    quotes = {symbol: quote for symbol, quote in AROUND.quotes.items() if symbol != "ETH/USDT"}
    findings = examined(replace(AROUND, quotes=quotes))
    assert findings.message("coins") == "There is no price for ETH yet."
    assert findings.smallest is None


def test_weights_by_market_cap_wait_for_the_caps():
    waiting = Allocation().with_added(["BTC", "ETH"]).with_distribution(Distribution.MARKET_CAP)
    assert "being read" in examined(allocation=waiting).message("weights")


@pytest.mark.rule("2.4b")
@pytest.mark.parametrize(
    ("changes", "field"),
    (
        ({"threshold": Decimal(50), "allocation": allocation(BTC=50, ETH=50)}, "threshold"),
        ({"by_time": True, "gate": Decimal(50), "allocation": allocation(BTC=50, ETH=50)}, "gate"),
    ),
)
def test_a_limit_that_can_never_be_passed_is_warned_of_and_still_legal(changes, field):
    findings = examined(**changes)
    assert "Never rebalances" in findings.warning(field)
    assert findings.parameters is not None
    assert examined(**(changes | {"allocation": allocation(BTC=51, ETH=49)})).warning(field) == ""


# ---------------------------------------------------------------------------------------------------------------- fixes


def kinds(findings) -> list[FixKind]:
    return [fix.kind for fix in findings.fixes]


def test_too_little_money_offers_both_fixes_and_the_amount_that_works():
    small = allocation(BTC=90, ETH=8, SOL=2)
    findings = examined(allocation=small, investment=Decimal(100))
    assert "Too little for SOL: the smallest that works is" in findings.message("investment")
    assert kinds(findings) == [FixKind.LEAVE_OUT, FixKind.LIFT, FixKind.INVEST]
    leave_out, lift, invest = findings.fixes
    assert leave_out.text == "Leave out 1 coin"
    assert leave_out.result == "BTC 91.84, ETH 8.16 %"
    assert lift.text == "Lift to minimum"
    assert [target.asset for target in lift.targets] == ["BTC", "ETH", "SOL"]
    assert invest.amount == findings.smallest


@pytest.mark.parametrize("kind", list(FixKind))
def test_each_fix_makes_the_draft_legal(kind):
    small = allocation(BTC=70, ETH=20, SOL=8, XRP=2)
    start = draft(allocation=small, investment=Decimal(50))
    fix = next(fix for fix in examine(start, AROUND, NUMBERS).fixes if fix.kind is kind)
    after = replace(start, investment=fix.amount) if fix.amount is not None else start
    if fix.targets:
        after = replace(after, allocation=start.allocation.with_targets(fix.targets))
    assert examine(after, AROUND, NUMBERS).problems == ()


def test_no_fix_leaves_fewer_than_two_coins():
    findings = examined(allocation=allocation(BTC=99, ETH=1), investment=Decimal(20))
    assert FixKind.LEAVE_OUT not in kinds(findings)
    assert FixKind.LIFT in kinds(findings)


def test_no_amount_is_offered_that_is_not_free():
    around = replace(AROUND, free={"USDT": Decimal(100)})
    findings = examined(around, allocation=allocation(BTC=90, ETH=8, SOL=2), investment=Decimal(100))
    assert FixKind.INVEST not in kinds(findings)


def test_more_than_is_free_offers_all_that_is_free():
    findings = examined(investment=Decimal(2400))
    assert [fix.text for fix in findings.fixes] == ["Invest 1,900.00"]


def test_a_fitting_amount_needs_no_fix():
    assert examined().fixes == ()


# ------------------------------------------------------------------------------------------------------ names and marks


def test_the_suggested_name_lists_the_coins_and_is_free():
    assert suggested_name(["BTC", "ETH"], []) == "BTC ETH"
    assert suggested_name(["BTC", "ETH"], ["btc eth", "BTC ETH 2"]) == "BTC ETH 3"
    assert suggested_name([], ["x"]) == ""


def test_the_suggested_name_of_many_coins_is_short_enough():
    name = suggested_name([f"COIN{i}" for i in range(10)], [])
    assert len(name) <= 40
    assert name.endswith("+4")


def test_messages_of_the_domain_use_the_locales_decimal_mark():
    findings = examine(draft(allocation=allocation(BTC="59.99", ETH=40)), AROUND, GERMAN)
    assert "99,99 %" in findings.message("weights")
    problem = examine(draft(name="core 4.5"), replace(AROUND, names=("Core 4.5",)), GERMAN).first
    assert problem is not None
    assert "core 4.5" in in_locale(problem, GERMAN.marks).message
