"""What the screen of an undecided order says each decision does: amounts, whose they are, and what can go wrong."""

from dataclasses import replace
from decimal import Decimal

import pytest

from rebalancer_gui.domain.orders import Side, VenueOrderStatus
from rebalancer_gui.ui.dialogs.quarantine_words import (
    NO_CANDIDATES,
    NONE_CHOSEN,
    NOT_LISTED,
    STILL_OPEN,
    Decision,
    adopting,
    discarding,
    facts,
    whose_id,
)
from rebalancer_gui.ui.formatting import NumberFormat
from tests.ui.fake_quarantine import CID, candidate, undecided

NUMBERS = NumberFormat()
pytestmark = pytest.mark.failure(14)


def adopted(order, view=None, *, goes_on: bool = True) -> Decision:
    return adopting(view or undecided(order), order, "Core 4", NUMBERS, goes_on=goes_on)


def test_the_order_is_told_with_its_limit_its_time_its_id_and_what_is_set_aside():
    told = dict(facts(undecided(), "Core 4", NUMBERS))
    assert told["Order"] == "Sell 0.0415 BTC on BTC/USDT, Limit IOC"
    assert told["Price limit"] == "at least 96,320.00\u00a0USDT"
    assert told["Sent"].endswith(" UTC")
    assert (told["Order id"], told["Set aside"]) == (CID, "0.0415 BTC of Core 4")
    buy = dict(facts(undecided(side=Side.BUY, price=None), "Core 4", NUMBERS))
    assert (buy["Price limit"], buy["Set aside"]) == ("none, it is a Market order", "4,001.2775 USDT of Core 4")
    assert "Booked" not in told


def test_what_is_booked_of_it_already_is_said_and_its_rest_is_no_longer_counted_out():
    view = undecided(candidate())
    view = replace(view, order=replace(view.order, filled=Decimal("0.01")), reserved=Decimal("0.0315"))
    assert "0.01 BTC of it are booked already" in dict(facts(view, "Core 4", NUMBERS))["Booked"]
    assert "What is left of what is set aside goes back to Core 4." in adopted(candidate(), view).text


def test_adopting_a_sell_says_whose_coins_are_sold_for_what_the_fee_and_the_rest():
    decision = adopted(candidate())
    assert decision.text == (
        "Booked: 0.0401 BTC of Core 4 sold, and 3,865.64 USDT received for them. Fee: 3.86564 USDT. The rest of what is set "
        "aside, 0.0014 BTC, goes back to Core 4. Core 4 then goes on."
    )
    assert decision.agree == "Book what order 28457201934 traded as trades of Core 4"
    assert decision.blocked is None


def test_adopting_a_buy_says_what_is_bought_for_whom_and_what_is_paid():
    order = candidate(side=Side.BUY, price="96000", fee="0.0000401")
    decision = adopted(order, undecided(order, side=Side.BUY))
    assert "Booked: 0.0401 BTC bought for Core 4 and 3,849.6 USDT paid for them. Fee: 0.0000401 BTC." in decision.text
    assert "The rest of what is set aside, 151.6775 USDT, goes back to Core 4." in decision.text


def test_an_order_that_cost_more_than_is_set_aside_says_who_pays_the_rest():
    order = candidate(side=Side.BUY, filled="0.0415", price="97000")
    decision = adopted(order, undecided(order, side=Side.BUY))
    assert "24.2225 USDT more than is set aside: it is taken from Core 4, then from the free pool" in decision.text


def test_what_the_list_of_orders_does_not_say_is_not_made_up():
    decision = adopted(candidate(listed=False))
    assert "0.0401 BTC of Core 4 sold, and the USDT that its trades say received for them" in decision.text
    assert "The fee is what the exchange says." in decision.text


def test_an_order_that_traded_nothing_books_nothing_and_gives_everything_back():
    decision = adopted(candidate(filled="0"))
    assert "traded nothing: nothing is booked, and 0.0415 BTC go back to Core 4." in decision.text
    assert "book nothing" in decision.agree


def test_another_quantity_is_pointed_out():
    order = candidate()
    assert "quantity is not the one that was sent" not in adopted(order).text
    assert "quantity is not the one that was sent" in adopted(replace(order, quantity=Decimal("0.0402"))).text


@pytest.mark.parametrize(
    ("view", "order", "why"),
    [
        (undecided(candidate()), None, NONE_CHOSEN),
        (undecided(), None, NO_CANDIDATES),
        (undecided(unlisted="no answer"), None, NOT_LISTED),
        (undecided(), candidate(status=VenueOrderStatus.OPEN), STILL_OPEN),
    ],
    ids=["none chosen", "none there", "not listed", "open"],
)
def test_why_nothing_can_be_adopted_is_said(view, order, why):
    decision = adopting(view, order, "Core 4", NUMBERS, goes_on=True)
    assert (decision.text, decision.blocked) == (why, why)


def test_discarding_says_what_goes_back_and_what_happens_if_it_traded_after_all():
    decision = discarding(undecided(), "Core 4", NUMBERS, goes_on=True)
    assert decision.text.startswith("0.0415 BTC go back to Core 4, and nothing is booked. Core 4 then goes on.")
    assert "the comparison with the exchange will find the difference and say so" in decision.text
    assert decision.agree == "Give 0.0415 BTC back to Core 4: this order never reached the exchange"
    assert decision.blocked is None


def test_that_it_goes_on_is_promised_only_where_nothing_else_holds_it():
    assert "goes on" not in adopted(candidate(), goes_on=False).text
    assert "goes on" not in adopted(candidate(filled="0"), goes_on=False).text
    assert "goes on" not in discarding(undecided(), "Core 4", NUMBERS, goes_on=False).text


def test_whose_id_an_order_of_the_exchange_bears():
    ids = [whose_id(candidate(client_order_id=cid), CID) for cid in (CID, "", "web_1")]
    assert ids == ["this order\u2019s own", "none", "web_1"]
