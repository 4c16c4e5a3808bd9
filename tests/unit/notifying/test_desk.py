"""The settings of being told: kept typed, addresses in the vault alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest

from rebalancer_gui.application.notices import NotSent, TellOf
from rebalancer_gui.application.secrets import Place
from rebalancer_gui.application.telling_desk import CheckedAddress, TellingDesk, TellingTools
from rebalancer_gui.application.telling_settings import TellSettings, tell_settings
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput
from tests.unit.notifying.told_bench import Channel

ADDRESS = "ntfys://my-secret-topic"


class Section:
    def __init__(self) -> None:
        self.values: Mapping[str, object] = {}
        self.full = False

    def read(self) -> Mapping[str, object]:
        return dict(json.loads(json.dumps(self.values)))

    def write(self, values: Mapping[str, object]) -> None:
        if self.full:
            raise EnvironmentProblem("The disk is full.")
        self.values = values


class Vault:
    def __init__(self, place: Place = Place.KEYRING) -> None:
        self.place = place
        self.kept: dict[str, str] = {}

    def keep(self, channel_id: str, address: str) -> Place:
        self.kept[channel_id] = address
        return self.place

    def load(self, channel_id: str, place: Place) -> str | None:
        return self.kept.get(channel_id)

    def forget(self, channel_id: str, place: Place) -> None:
        self.kept.pop(channel_id, None)


def check(address: str) -> CheckedAddress:
    if "://" not in address:
        raise InvalidInput("url", "No address.")
    return CheckedAddress(address, "ntfy", "ntfys://…/…", False)


class Connected(Channel):
    def __init__(self, name: str, load: Callable[[], str]) -> None:
        super().__init__(name)
        self.load = load

    async def send(self, message) -> None:
        self.load()
        await super().send(message)


class Bench:
    def __init__(self, place: Place = Place.KEYRING) -> None:
        self.section, self.vault, self.desktop = Section(), Vault(place), Channel("desktop notification")
        self.numbers = count(1)
        self.desk = self.start()

    def start(self) -> TellingDesk:
        return TellingDesk(
            TellingTools(
                self.section, self.vault, check, Connected, self.desktop, lambda: f"c-{next(self.numbers)}", None
            )
        )  # fmt: skip


def test_a_new_channel_is_in_the_settings_without_its_address_and_comes_back() -> None:
    bench = Bench()
    channel, _checked = bench.desk.add("", ADDRESS)
    assert (channel.name, channel.kind, channel.masked) == ("ntfy", "ntfy", "ntfys://…/…")
    assert "my-secret-topic" not in json.dumps(bench.section.values)
    assert bench.vault.kept == {channel.id: ADDRESS}
    assert bench.start().settings.channels == (channel,)


def test_a_second_channel_of_a_service_gets_a_number_and_a_taken_name_is_refused() -> None:
    bench = Bench()
    bench.desk.add("", ADDRESS)
    second, _ = bench.desk.add("", ADDRESS)
    assert second.name == "ntfy 2"
    with pytest.raises(InvalidInput, match="already"):
        bench.desk.add("NTFY", ADDRESS)
    with pytest.raises(InvalidInput, match="an address is a secret"):
        bench.desk.add(ADDRESS, ADDRESS)


def test_a_channel_that_cannot_be_stored_leaves_nothing_in_the_vault() -> None:
    bench = Bench()
    bench.section.full = True
    with pytest.raises(EnvironmentProblem, match="disk is full"):
        bench.desk.add("", ADDRESS)
    assert bench.vault.kept == {}
    assert bench.desk.settings.channels == ()


def test_without_a_lasting_vault_a_channel_lives_for_one_run_or_is_refused() -> None:
    bench = Bench(Place.MEMORY)
    bench.desk.add("", ADDRESS)
    assert len(bench.desk.notifiers()) == 2
    assert bench.start().settings.channels == ()
    with pytest.raises(EnvironmentProblem, match="no place to keep"):
        Bench(Place.MEMORY).desk.add("", ADDRESS, lasting=True)


def test_removing_takes_the_address_out_of_the_vault() -> None:
    bench = Bench()
    channel, _ = bench.desk.add("Phone", ADDRESS)
    assert bench.desk.channel("phone") == channel
    bench.desk.remove(channel)
    assert bench.vault.kept == {}
    assert bench.start().settings.channels == ()
    with pytest.raises(InvalidInput, match="There are: none"):
        bench.desk.channel("phone")


def test_a_test_message_goes_to_that_channel_only() -> None:
    bench = Bench()
    channel, _ = bench.desk.add("Phone", ADDRESS)
    bench.desk.test(channel)
    desktop, phone = bench.desk.notifiers()
    assert isinstance(phone, Connected)
    assert [m.title for m in phone.sent] == ["Rebalancer: a test"]
    assert bench.desktop.sent == []
    bench.desk.test(None)
    assert desktop is bench.desktop
    assert len(bench.desktop.sent) == 1


def test_an_address_that_the_vault_has_lost_is_told() -> None:
    bench = Bench()
    channel, _ = bench.desk.add("Phone", ADDRESS)
    bench.vault.kept.clear()
    with pytest.raises(NotSent, match="add it again"):
        bench.desk.test(channel)


def test_settings_come_back_as_they_were_saved_and_channels_stay() -> None:
    bench = Bench()
    channel, _ = bench.desk.add("Phone", ADDRESS)
    chosen = TellSettings(
        frozenset({TellOf.HALTED}), timedelta(hours=6), Decimal("0.05"), paper=False, desktop=False, keep_awake=False
    )
    bench.desk.save(chosen)
    assert bench.start().settings == replace(chosen, channels=(channel,))
    assert [n.name for n in bench.desk.notifiers()] == ["Phone"]


def test_settings_outside_their_bounds_are_refused() -> None:
    bench = Bench()
    with pytest.raises(InvalidInput, match="hours"):
        bench.desk.save(TellSettings(skipped_after=timedelta(hours=0)))
    with pytest.raises(InvalidInput, match="BNB"):
        bench.desk.save(TellSettings(low_bnb=Decimal(-1)))


@pytest.mark.parametrize(
    "values",
    [
        {"events": [], "skipped_after_hours": "24", "low_bnb": 1, "channels": {}},
        {"events": {"halted": None}, "skipped_after_hours": 0, "low_bnb": "NaN", "channels": [{}, 1, None]},
        {"skipped_after_hours": True, "low_bnb": "-1", "paper": "no", "channels": [{"id": 1}]},
        {"channels": [{"id": "c", "name": "n", "kind": "k", "masked": "m", "place": "elsewhere"}]},
    ],
)
def test_whatever_is_wrong_in_the_file_is_a_default(values) -> None:
    assert tell_settings(values) == TellSettings()
