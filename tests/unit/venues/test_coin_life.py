"""Halted, reopened, delisted, renamed: what may follow what, and what a coin is called after all of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalancer_gui.adapters.venues.coin_life import CoinLife, Happening, lived
from rebalancer_gui.application.paper_port import MarketEvent
from rebalancer_gui.domain.market import MarketStatus

HALT, REOPEN, DELIST, RENAME = MarketEvent
TRADING = MarketStatus.TRADING


def life(*happenings: tuple[MarketEvent, str] | tuple[MarketEvent, str, str]) -> CoinLife:
    return lived(Happening(*happening) for happening in happenings)


def test_a_halt_lasts_until_the_coin_is_reopened() -> None:
    halted = life((HALT, "BTC"))
    assert halted.closed == {"BTC": HALT}
    assert halted.status("BTC", TRADING) is MarketStatus.HALTED
    assert halted.status("ETH", TRADING) is TRADING
    reopened = life((HALT, "BTC"), (REOPEN, "BTC"))
    assert reopened == CoinLife()
    assert reopened.status("BTC", MarketStatus.HALTED) is MarketStatus.HALTED, "what the venue's own rules say"


@pytest.mark.parametrize("before", [(), ((HALT, "BTC"),)])
@pytest.mark.parametrize("event", list(MarketEvent))
def test_a_delisting_is_for_good(before: tuple[tuple[MarketEvent, str], ...], event: MarketEvent) -> None:
    gone = life(*before, (DELIST, "BTC"))
    assert gone.closed == {"BTC": DELIST}
    assert gone.status("BTC", TRADING) is MarketStatus.DELISTED
    with pytest.raises(ValueError, match="for good"):
        gone.after(Happening(event, "BTC", "NEW" if event is RENAME else ""))


def test_a_renamed_coin_trades_under_its_newest_name_only() -> None:
    renamed = life((RENAME, "MATIC", "POL"), (RENAME, "POL", "POL2"))
    assert renamed.renamed == {"MATIC": "POL", "POL": "POL2"}
    assert renamed.names_of("MATIC") == ("MATIC", "POL", "POL2")
    statuses = [renamed.status(name, TRADING) for name in renamed.names_of("MATIC")]
    assert statuses == [MarketStatus.DELISTED, MarketStatus.DELISTED, TRADING]
    for event in MarketEvent:
        with pytest.raises(ValueError, match="MATIC is called POL now"):
            renamed.after(Happening(event, "MATIC", "NEW" if event is RENAME else ""))


def test_a_halted_coin_trades_again_under_its_new_name() -> None:
    renamed = life((HALT, "BTC"), (RENAME, "BTC", "XBT"))
    assert (renamed.closed, renamed.renamed) == ({}, {"BTC": "XBT"})
    assert renamed.status("XBT", TRADING) is TRADING
    assert renamed.status("BTC", TRADING) is MarketStatus.DELISTED


@pytest.mark.parametrize(
    ("happening", "field", "text"),
    [
        (Happening(HALT, "OUT"), "asset", "halted already"),
        (Happening(REOPEN, "BTC"), "asset", "not halted"),
        *((Happening(RENAME, "BTC", name), "new_name", "2 to 10 characters") for name in ("", "B", "b2", "A" * 11)),
        *((Happening(RENAME, "BTC", name), "new_name", "2 to 10 characters") for name in ("A-B", "ÄB", "AB\n", "٣٣")),
        *((Happening(RENAME, "BTC", name), "new_name", "in use") for name in ("BTC", "OLD", "YOUNG")),
    ],
)
def test_what_makes_no_sense_is_objected_to(happening: Happening, field: str, text: str) -> None:
    so_far = life((HALT, "OUT"), (RENAME, "OLD", "YOUNG"))
    objection = so_far.objection(happening)
    assert objection is not None
    assert objection.field == field
    assert text in objection.text
    with pytest.raises(ValueError, match=text):
        so_far.after(happening)


names = st.sampled_from(["AA", "BB", "CC", "DD", "EE"])


@given(st.lists(st.builds(Happening, st.sampled_from(MarketEvent), names, names), max_size=30))
def test_whatever_happens_no_name_is_used_twice_and_none_is_forgotten(happenings: list[Happening]) -> None:
    so_far = CoinLife()
    for happening in happenings:
        if so_far.objection(happening) is None:
            so_far = so_far.after(happening)
    chains = [
        so_far.names_of(first) for first in ("AA", "BB", "CC", "DD", "EE") if first not in so_far.renamed.values()
    ]
    every_name = [name for chain in chains for name in chain]
    assert sorted(every_name) == ["AA", "BB", "CC", "DD", "EE"]
    assert not so_far.closed.keys() & so_far.renamed.keys()
