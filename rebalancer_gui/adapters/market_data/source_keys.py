"""Keys of market data sources in the same vaults as the keys of accounts (``adapters.secrets``)."""

from __future__ import annotations

from rebalancer_gui.adapters.secrets.redaction import REDACTOR
from rebalancer_gui.adapters.secrets.vaults import Vaults
from rebalancer_gui.application.connection import Credentials
from rebalancer_gui.application.secrets import Place


class VaultSourceKeys:
    """``market_data_desk.SourceKeys``. A name with a colon cannot be an account's."""

    def __init__(self, vaults: Vaults) -> None:
        self._vaults = vaults

    def keep(self, source: str, key: str) -> Place:
        REDACTOR.hide([key])
        vault = self._vaults.best()
        vault.store(_name(source), Credentials(key, ""))
        return vault.place

    def load(self, source: str, place: Place) -> str | None:
        found = self._vaults.at(place).load(_name(source))
        if found is None:
            return None
        REDACTOR.hide([found.key])
        return found.key

    def forget(self, source: str, place: Place) -> None:
        self._vaults.at(place).forget(_name(source))


def _name(source: str) -> str:
    return f"source:{source}"
