"""Records made quickly are the same records."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from rebalancer_gui.domain.quick import quickly
from rebalancer_gui.domain.valuation import Holding
from tests.builders import d


@dataclass(frozen=True, slots=True)
class Noted:
    name: str
    amount: int = 3
    words: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Checked:
    amount: int

    def __post_init__(self) -> None:
        raise ValueError(self.amount)


def test_a_record_that_was_made_quickly_is_the_one_that_its_class_makes() -> None:
    given = ("BTC", d(2), d(50), None, None, d(200), d(50), d(0))
    slow, quick = Holding(*given), quickly(Holding)(*given)

    assert type(quick) is Holding
    assert (quick, hash(quick), repr(quick)) == (slow, hash(slow), repr(slow))
    assert replace(quick, drift=d(1)) == replace(slow, drift=d(1))
    assert copy.deepcopy(quick) == pickle.loads(pickle.dumps(quick)) == slow  # noqa: S301
    with pytest.raises(FrozenInstanceError):
        quick.value = d(1)  # type: ignore[misc]


def test_defaults_and_names_of_fields_count_as_in_the_class_itself() -> None:
    make = quickly(Noted)

    assert make("a") == Noted("a")
    assert make(amount=4, name="a") == Noted("a", 4)
    assert make("a").words is not make("a").words
    with pytest.raises(TypeError):
        make()  # type: ignore[call-arg]


def test_a_class_that_checks_what_it_is_given_cannot_be_made_past_its_check() -> None:
    with pytest.raises(TypeError, match="does more when it is made"):
        quickly(Checked)
