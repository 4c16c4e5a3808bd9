"""Why less comes out than was asked for, and why an amount is not legal: with its numbers."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from rebalancer_gui.application.views import Preview
from rebalancer_gui.domain.cashflow import AmountLimits, RemovalMethod, plan_removal, removal_limits
from rebalancer_gui.domain.market import FeeSchedule, MarketRules, Quote
from rebalancer_gui.domain.money import ZERO, total
from rebalancer_gui.domain.strategy import Target
from rebalancer_gui.domain.valuation import Snapshot, take_snapshot
from rebalancer_gui.ui.dialogs import amount_words as say
from rebalancer_gui.ui.formatting import NumberFormat, NumberMarks
from rebalancer_gui.ui.widgets.banner import Level

NUMBERS = NumberFormat()
FEES = FeeSchedule(Decimal("0.001"))
NBSP = "\u00a0"
NOW = datetime(2021, 5, 14, tzinfo=UTC)


def rules(step: str, minimum: str = "10") -> dict[str, MarketRules]:
    return {
        f"{asset}/USDT": MarketRules(
            asset, "USDT", Decimal("0.01"), Decimal(step), Decimal(step), Decimal(10**9), Decimal(minimum)
        )
        for asset in ("XRP", "ETH", "BNB")
    }


def snapshot(xrp: str = "10", eth: str = "100", bnb: str = "280", cash: str = "0") -> Snapshot:
    """Test vector 4: every price is 1, so quantities are values."""
    quotes = {
        f"{a}/USDT": Quote(f"{a}/USDT", Decimal(1), Decimal(1), Decimal(1), NOW, NOW) for a in ("XRP", "ETH", "BNB")
    }
    targets = (Target("XRP", Decimal(5)), Target("ETH", Decimal(25)), Target("BNB", Decimal(70)))
    held = {"XRP": Decimal(xrp), "ETH": Decimal(eth), "BNB": Decimal(bnb)}
    return take_snapshot(
        seq=1, at=NOW, quote_asset="USDT", targets=targets, quantities=held, cash=Decimal(cash), quotes=quotes
    )


def preview(
    amount: str, method: RemovalMethod, step: str, fees: FeeSchedule = FEES, minimum: str = "10", **held: str
) -> Preview:
    before, market = snapshot(**held), rules(step, minimum)
    removal = plan_removal(before, Decimal(amount), method, market, fees)
    limits = removal_limits(before, method, market, fees)
    return Preview(removal.plan, (), before, limits, removal.comes_out, removal.own_cash)


def notice(amount: str, method: RemovalMethod = RemovalMethod.BY_WEIGHT, step: str = "0.00000001", **held: str):
    planned = preview(amount, method, step, FeeSchedule(ZERO), **held)
    return say.removal_notice(planned, Decimal(amount), method, rules(step), NUMBERS)


@pytest.mark.rule("5.3")
def test_the_banner_of_test_vector_4_names_the_coin_that_is_dropped():
    said = notice("50")
    assert said is not None
    assert said.headline == f"47.50 of the 50.00{NBSP}USDT will come out"
    assert said.text == "XRP 2.50 skipped."
    assert (said.button, said.level) == ("", Level.WARNING), "all legs trade from 200, which would leave too little"


def test_the_amount_of_which_every_leg_trades_is_one_press_away():
    said = notice("50", minimum="5")
    assert said is not None
    assert said.text == "XRP 2.50 skipped. All legs trade from 100.00."
    assert (said.button, said.action) == ("Remove 100.00", say.FULL)


def test_where_everything_comes_out_nothing_is_said():
    assert notice("200") is None


@pytest.mark.parametrize("amount", ("15", "50", "123.45", "200", "379"))
@pytest.mark.parametrize("step", ("0.00000001", "0.1", "1", "7"))
def test_what_is_missing_is_explained_to_the_last_digit(amount, step):
    planned = preview(amount, RemovalMethod.BY_WEIGHT, step)
    assert planned.comes_out is not None
    gap = say.removal_gap(
        planned.plan, Decimal(amount), planned.own_cash, planned.comes_out, RemovalMethod.BY_WEIGHT, rules(step)
    )
    parts = total(wanted for _, wanted in gap.skipped) + gap.steps + gap.held + gap.fees
    assert parts == Decimal(amount) - planned.comes_out
    assert min(gap.steps, gap.held, gap.fees) >= ZERO


def test_a_coin_that_is_to_bring_more_than_is_held_of_it_is_told_apart_from_the_step():
    said = notice("200", eth="20")
    assert said is not None
    assert "More than is held 30.00" in said.text
    assert "step" not in said.text


def test_most_overweight_first_counts_what_no_other_coin_may_bring():
    said = notice("30", RemovalMethod.MOST_OVERWEIGHT, xrp="28", eth="112", bnb="250")
    assert said is not None
    assert said.text == "XRP skipped, not made up for by other coins 8.00."


def test_only_step_and_fee_is_a_note_and_no_warning():
    planned = preview("200", RemovalMethod.BY_WEIGHT, "0.00000001")
    said = say.removal_notice(planned, Decimal(200), RemovalMethod.BY_WEIGHT, rules("0.00000001"), NUMBERS)
    assert said is not None
    assert (said.level, said.text, said.button) == (Level.NOTE, "Fees 0.20.", "")


def test_the_full_amount_is_offered_only_where_it_is_legal():
    planned = preview("50", RemovalMethod.BY_WEIGHT, "0.00000001")
    assert planned.limits is not None
    planned = replace(planned, limits=replace(planned.limits, largest=Decimal(100)))
    said = say.removal_notice(planned, Decimal(50), RemovalMethod.BY_WEIGHT, rules("0.00000001"), NUMBERS)
    assert said is not None
    assert said.button == ""


@pytest.mark.parametrize(
    ("amount", "said"),
    (
        ("14.46", f"Too small for any order: the smallest amount now is 14.47{NBSP}USDT."),
        ("14.47", None),
        ("4121", None),
        ("4121.01", f"At most 4,121.00{NBSP}USDT can be removed."),
    ),
)
def test_the_legal_range_includes_both_its_ends(amount, said):
    limits = AmountLimits(Decimal("14.47"), Decimal("4121.00"))
    assert say.legal_text(limits, NUMBERS) == "Legal: 14.47 to 4,121.00"
    assert say.range_problem(Decimal(amount), limits, "USDT", NUMBERS, adding=False) == said


def test_numbers_are_written_as_the_locale_does():
    limits = AmountLimits(Decimal("14.47"), Decimal("4121.00"))
    assert say.legal_text(limits, NumberFormat(NumberMarks(",", "."))) == "Legal: 14,47 to 4.121,00"


@pytest.mark.parametrize(
    ("smallest", "largest", "said"),
    (
        (None, "0", "No USDT is free"),
        ("5.02", "3.10", f"Free are 3.10{NBSP}USDT; the smallest amount of which an order can be sent now is 5.02"),
        (None, "3.10", "no amount makes an order large enough"),
    ),
)
def test_why_nothing_can_be_added(smallest, largest, said):
    limits = AmountLimits(None if smallest is None else Decimal(smallest), Decimal(largest))
    assert limits.is_empty
    assert said in say.no_addition(limits, "USDT", NUMBERS).text


@pytest.mark.parametrize(
    ("worth", "largest", "said"),
    ((None, "0", "not a good price"), ("25", "0", f"It is worth 25.00{NBSP}USDT"), ("30", "3", "no order is large")),
)
def test_why_nothing_can_be_removed_and_that_stop_takes_everything_out(worth, largest, said):
    limits = AmountLimits(None, Decimal(largest))
    notice_ = say.no_removal("Core 4", "USDT", None if worth is None else Decimal(worth), limits, NUMBERS)
    assert said in notice_.text
    assert (notice_.button, notice_.action) == ("Stop Core 4", say.STOP)
