"""A registry of accounts with real files, a keyring in memory and an exchange that answers what a test says."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from rebalancer_gui.adapters.secrets.vaults import Vaults
from rebalancer_gui.adapters.storage.account_files import JsonAccountFiles
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.venues.catalogue import catalogue
from rebalancer_gui.adapters.venues.ccxt_hosts import checked_api_url
from rebalancer_gui.adapters.venues.ccxt_venue import fingerprint
from rebalancer_gui.application.account_book import AccountBook
from rebalancer_gui.application.accounts import NewAccount
from rebalancer_gui.application.connection import ConnectionReport, Credentials, Permissions, Tier, VenueSpec
from rebalancer_gui.domain.errors import InvalidInput
from tests.secrets.fake_keyrings import called

KEY = Credentials("book-api-key-mW2x", "book-secret-value")
GOOD = ConnectionReport(
    "binance",
    Tier.FIRST_CLASS,
    "proven",
    "not confirmed",
    "00000000",
    timedelta(0),
    "binance/1",
    Permissions(True, False, True),
    {},
)


class AccountsBench:
    def __init__(self, folder: DataFolder, keyring: str = "keyring.backends.SecretService.Keyring") -> None:
        self.folder = folder
        self.files = JsonAccountFiles(folder)
        backend = called(keyring)
        self.vaults = Vaults(folder.path, "ab12", lambda n: b"7" * n, find_backend=lambda: backend)
        self.answer: ConnectionReport | Exception = GOOD
        self.tested: list[VenueSpec] = []
        self.book = AccountBook(
            self.files,
            self.vaults,
            self._probe,
            lambda: datetime(2026, 5, 1, tzinfo=UTC),
            catalogue(),
            check_url=checked_api_url,
            fingerprint=fingerprint,
        )

    async def _probe(self, spec: VenueSpec, _key: Credentials) -> ConnectionReport:
        self.tested.append(spec)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def add(self, name: str = "Main", venue: str = "binance", key: Credentials | None = KEY, **where: str):
        return asyncio.run(self.book.add(NewAccount(name, VenueSpec(venue, **where), key)))

    def refused(self, *arguments, **named) -> InvalidInput:
        before = sorted(self.files.names())
        with pytest.raises(InvalidInput) as refusal:
            self.add(*arguments, **named)
        assert sorted(self.files.names()) == before, "nothing was stored"
        return refusal.value
