"""Market caps put together: whose key is used, what stands without a network, and when nobody is asked at all."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from pathlib import Path

import pytest

from rebalancer_gui.adapters.market_data import caps_build
from rebalancer_gui.adapters.market_data.caps_build import build_live_caps, build_market_data_desk
from rebalancer_gui.adapters.market_data.source_keys import VaultSourceKeys
from rebalancer_gui.adapters.secrets.redaction import REDACTOR
from rebalancer_gui.adapters.secrets.vaults import Vaults
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.settings_file import SettingsFile
from rebalancer_gui.adapters.system import random_bytes
from rebalancer_gui.application.accounts import AccountRecord
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.application.market_data_desk import MarketDataDesk
from rebalancer_gui.application.secrets import Place
from rebalancer_gui.bootstrap import asks_the_internet
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput
from rebalancer_gui.domain.rails import AccountKind
from tests.fake_clock import FakeClock

KEY = "CG-demo-key-of-mine-987"


def vaults(folder: Path) -> Vaults:
    """No keyring of a system: the passphrase vault when it is unlocked, else memory."""
    return Vaults(folder, "abcd", random_bytes, lambda: None)


@pytest.fixture
def folder(tmp_path: Path):
    with DataFolder(tmp_path / "data") as opened:
        yield opened


def test_a_key_is_kept_in_a_vault_and_hidden_from_every_log(folder: DataFolder) -> None:
    keys = VaultSourceKeys(vaults(folder.path))
    place = keys.keep("coingecko", KEY)
    assert place is Place.MEMORY
    assert keys.load("coingecko", place) == KEY
    assert KEY not in REDACTOR(f"GET /coins/markets x-cg-demo-api-key: {KEY}")
    keys.forget("coingecko", place)
    assert keys.load("coingecko", place) is None


def test_the_key_is_neither_in_the_settings_nor_in_any_file(folder: DataFolder) -> None:
    known = vaults(folder.path)
    known.unlock("a passphrase that is long enough")
    desk = build_market_data_desk(SettingsFile(folder), known)
    assert desk.keep_key(f" {KEY} ") is Place.PASSPHRASE
    for path in folder.path.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes()
    again = build_market_data_desk(SettingsFile(folder), known)
    assert again.load_key() == KEY
    again.forget_key()
    assert again.load_key() == ""
    assert build_market_data_desk(SettingsFile(folder), known).settings.key_place is None


@pytest.mark.parametrize(
    "text", ("", "short", "with a blank in it", "x" * 201, "caf\u00e9-caf\u00e9-caf\u00e9", "line\nbreak-key")
)
def test_what_cannot_be_a_key_is_refused(folder: DataFolder, text: str) -> None:
    desk = build_market_data_desk(SettingsFile(folder), vaults(folder.path))
    with pytest.raises(InvalidInput, match="8 to 200"):
        desk.keep_key(text)


def test_a_vault_that_does_not_work_leaves_the_public_interface(
    folder: DataFolder, resources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Source:
        name, attribution = "CoinGecko", "Data provided by CoinGecko"

        def __init__(self, _coins: object, _clock: object, key: object) -> None:
            self.key = key

        async def read(self) -> dict[str, object]:
            asked.append(await self.key())  # type: ignore[operator]
            return {}

    monkeypatch.setattr(caps_build, "CoinGeckoCaps", Source)
    desk = build_market_data_desk(SettingsFile(folder), vaults(folder.path))
    desk.keep_key(KEY)

    def locked() -> str:
        raise EnvironmentProblem("The vault is locked.")

    async def story() -> None:
        clock = FakeClock(datetime.fromisoformat("2026-11-27T12:00:00+00:00"), auto=True)
        caps = build_live_caps(folder.cache, resources, clock, desk)
        task = asyncio.create_task(caps.run(lambda _account, _text: None))
        while not asked:  # noqa: ASYNC110 -- a thread answers
            await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(story())
    assert asked[0] == KEY
    asked.clear()
    folder.cache.joinpath("market_caps.json").unlink(missing_ok=True)
    monkeypatch.setattr(desk, "load_key", locked)
    asyncio.run(story())
    assert asked[0] == ""


@pytest.mark.rule("9.8")
def test_before_anything_was_read_the_shipped_caps_stand_with_their_date(folder: DataFolder, resources: Path) -> None:
    desk: MarketDataDesk = build_market_data_desk(SettingsFile(folder), vaults(folder.path))
    now = datetime.fromisoformat("2026-11-27T12:00:00+00:00")
    caps = build_live_caps(folder.cache, resources, FakeClock(now), desk)
    assert caps.as_of(now) == date(2022, 9, 10)
    assert caps.attribution == "Data provided by CoinGecko"
    assert set(caps.market_caps(["BTC", "ARB"], now)) == {"BTC"}


def record(venue: VenueSpec | None) -> AccountRecord:
    return AccountRecord("one", AccountKind.DEMO if venue is None else AccountKind.PAPER, venue)


def test_demo_markets_and_exchanges_on_this_machine_ask_nobody() -> None:
    here = record(VenueSpec("binance", "http://127.0.0.1:8080"))
    assert not asks_the_internet([record(None)])
    assert not asks_the_internet([record(None), here])
    assert asks_the_internet([record(None), here, record(VenueSpec("binance"))])
