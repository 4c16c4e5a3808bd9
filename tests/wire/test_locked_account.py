"""An account at an exchange whose key is locked, with real ccxt: prices come, and not one signed question leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.application.accounts import AccountRecord, KeyRecord
from rebalancer_gui.application.commands import FollowPrices
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.application.events import AccountChanged, AccountWaits, CommandDone
from rebalancer_gui.application.secrets import Place, VaultLocked
from rebalancer_gui.bootstrap import exchange_account
from rebalancer_gui.domain.rails import AccountKind
from rebalancer_gui.domain.strategy import TradingMode
from tests.wire.public_venue import PublicVenue
from tests.wire.test_live_account import Running, with_folder


class Locked:
    """A registry whose vault nobody has unlocked."""

    def key_of(self, _record: AccountRecord) -> None:
        raise VaultLocked(
            "The vault keys.vault is locked.", "Give its passphrase: in the window, or with --passphrase-fd."
        )


def test_a_locked_key_leaves_the_prices_and_the_screen_says_how_to_unlock(tmp_path: Path):
    async def body(folder: DataFolder, server: PublicVenue) -> None:
        record = AccountRecord(
            "Main", AccountKind.LIVE, VenueSpec("binance", server.url), KeyRecord("0a1b2c3d", "", Place.PASSPHRASE)
        )
        book: Any = Locked()
        running = Running(exchange_account(folder, record, book))
        await running.until(lambda: running.of(AccountChanged))
        assert isinstance(await running.ask(lambda i: FollowPrices(i, "Main", ("BTC/USDT",))), CommandDone)
        await running.until(lambda: "BTC/USDT" in running.view.quotes)
        view = running.view
        assert "keys.vault is locked" in view.locked
        assert "--passphrase-fd" in view.locked
        assert (view.trading, view.free, running.of(AccountWaits)) == (TradingMode.WATCH, {}, [])
        assert not any("signature" in query for _, _, query in server.asked), "nothing was signed"
        await running.stop()

    with_folder(tmp_path, body)
