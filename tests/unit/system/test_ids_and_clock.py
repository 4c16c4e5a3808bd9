"""Ids: short, unique, and repeatable where a seed gives them. The clock: UTC that can be awaited."""

import asyncio
import re
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalancer_gui.adapters.seeded_ids import SeededIdSource
from rebalancer_gui.adapters.system import RandomIdSource, SystemClock, new_install_tag
from rebalancer_gui.application.ports import Clock, IdSource
from rebalancer_gui.domain.errors import InvariantBroken

PINNED = ("rbdemo6f6dcrvop7tr", "s-tbj53fucr5")
CLIENT_ORDER_ID = re.compile(r"rb[a-z0-9]{16}")


def sources() -> tuple[IdSource, IdSource]:
    return RandomIdSource("k3v9"), SeededIdSource(7)


@pytest.mark.parametrize("source", sources())
def test_ids_are_short_and_every_one_is_new(source: IdSource) -> None:
    orders = {source.client_order_id() for _ in range(5000)}
    names = {source.new_id("s") for _ in range(5000)}
    assert len(orders) == len(names) == 5000
    assert all(CLIENT_ORDER_ID.fullmatch(order) for order in orders)
    assert all(re.fullmatch(r"s-[a-z0-9]{10}", name) for name in names)
    assert len({order[:6] for order in orders}) == 1


def test_a_random_source_has_nothing_to_remember() -> None:
    source = RandomIdSource("k3v9")
    assert source.client_order_id().startswith("rbk3v9")
    assert source.position == 0
    source.seek(5)
    assert source.position == 0


@given(st.integers(), st.lists(st.booleans(), max_size=20), st.integers(0, 20))
def test_a_seeded_source_goes_on_after_a_restart_as_if_there_had_been_none(
    seed: int, calls: list[bool], cut: int
) -> None:
    def ask(source: SeededIdSource, for_order: bool) -> str:
        return source.client_order_id() if for_order else source.new_id("j")

    whole = SeededIdSource(seed)
    expected = [ask(whole, call) for call in calls]
    before = SeededIdSource(seed)
    ids = [ask(before, call) for call in calls[:cut]]
    after = SeededIdSource(seed)
    after.seek(before.position)
    ids += [ask(after, call) for call in calls[cut:]]
    assert ids == expected
    assert after.position == len(calls)


def test_another_seed_or_tag_gives_other_ids() -> None:
    firsts = {SeededIdSource(1), SeededIdSource(2), SeededIdSource(1, "demo"), SeededIdSource(1, "dem0")}
    assert len({source.client_order_id()[6:] for source in firsts}) == 4


def test_the_ids_of_a_seed_never_change_between_releases() -> None:
    source = SeededIdSource(42, "demo")
    assert (source.client_order_id(), source.new_id("s")) == PINNED


@pytest.mark.parametrize("tag", ("", "abc", "abcde", "ABCD", "ab-d", "äbcd"))
def test_a_tag_that_does_not_fit_into_an_order_id_is_refused(tag: str) -> None:
    with pytest.raises(InvariantBroken):
        SeededIdSource(1, tag)
    with pytest.raises(InvariantBroken):
        RandomIdSource(tag)


def test_a_negative_position_is_refused() -> None:
    with pytest.raises(InvariantBroken):
        SeededIdSource(1).seek(-1)


def test_install_tags_are_four_characters_and_differ() -> None:
    tags = {new_install_tag() for _ in range(50)}
    assert all(re.fullmatch(r"[a-z2-7]{4}", tag) for tag in tags)
    assert len(tags) > 40


def test_the_clock_tells_utc_and_never_goes_back() -> None:
    clock: Clock = SystemClock()
    assert clock.now().tzinfo is UTC
    before = clock.monotonic()
    asyncio.run(clock.sleep(0.001))
    assert clock.monotonic() >= before + 0.001
