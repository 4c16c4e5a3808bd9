"""Addresses of channels in the same vaults as the keys of accounts (``adapters.secrets``)."""

from __future__ import annotations

from rebalancer_gui.adapters.notifying.apprise_channels import hide_address
from rebalancer_gui.adapters.secrets.vaults import Vaults
from rebalancer_gui.application.connection import Credentials
from rebalancer_gui.application.secrets import Place


class VaultAddresses:
    """``telling_desk.Addresses``. A name with a colon cannot be an account's."""

    def __init__(self, vaults: Vaults) -> None:
        self._vaults = vaults

    def keep(self, channel_id: str, address: str) -> Place:
        hide_address(address)
        vault = self._vaults.best()
        vault.store(_name(channel_id), Credentials(address, ""))
        return vault.place

    def load(self, channel_id: str, place: Place) -> str | None:
        found = self._vaults.at(place).load(_name(channel_id))
        return found.key if found is not None else None

    def forget(self, channel_id: str, place: Place) -> None:
        self._vaults.at(place).forget(_name(channel_id))


def _name(channel_id: str) -> str:
    return f"channel:{channel_id}"
