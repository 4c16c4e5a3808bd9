"""When "not found" proves that an order never was."""

from datetime import UTC, datetime, timedelta

import pytest

from rebalancer_gui.domain.absence import Round, is_absent, next_look, provable_from

SENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FENCE = SENT + timedelta(seconds=5)


def rounds(*seconds: float, controlled: bool = True) -> list[Round]:
    return [Round(SENT + timedelta(seconds=s), controlled) for s in seconds]


def test_two_controlled_rounds_five_seconds_apart_after_fence_and_margin_are_a_proof():
    assert is_absent(SENT, FENCE, rounds(95.1, 100.1))


@pytest.mark.parametrize(
    ("seconds", "why"),
    [
        ((100,), "one round"),
        ((95.1, 99), "less than five seconds apart"),
        ((1, 2, 50, 95), "all before the margin is over"),
        ((94, 100.1), "only one of them after the margin"),
        ((), "none"),
    ],
)
def test_less_is_no_proof(seconds: tuple[float, ...], why: str):
    assert not is_absent(SENT, FENCE, rounds(*seconds)), why


def test_without_a_fence_the_margin_is_longer():
    assert provable_from(SENT, None, controlled=True) == SENT + timedelta(seconds=120)
    assert not is_absent(SENT, None, rounds(100, 110, 120))
    assert is_absent(SENT, None, rounds(121, 126))


def test_without_a_known_order_it_takes_three_rounds_over_a_minute_after_three_minutes():
    assert not is_absent(SENT, FENCE, rounds(100, 110, 120, 150, 170, controlled=False))
    assert not is_absent(SENT, FENCE, rounds(190, 200, 240, controlled=False))
    assert not is_absent(SENT, FENCE, rounds(190, 251, controlled=False))
    assert is_absent(SENT, FENCE, rounds(190, 220, 250, controlled=False))


def test_a_controlled_round_counts_among_those_without_control_but_not_the_other_way_round():
    mixed = [*rounds(100), *rounds(106, controlled=False)]
    assert not is_absent(SENT, FENCE, mixed)
    assert is_absent(SENT, FENCE, [*mixed, *rounds(106.5)])


def test_look_ups_come_less_and_less_often_and_once_a_minute_in_quarantine():
    waits = [next_look(n, quarantined=False).total_seconds() for n in range(1, 7)]
    assert waits == [1, 2, 5, 10, 10, 10]
    assert next_look(3, quarantined=True) == timedelta(minutes=1)
