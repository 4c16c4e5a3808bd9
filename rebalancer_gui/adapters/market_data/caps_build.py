"""Puts market caps together: the sources on the internet, what is remembered of them, and what came with the program."""

from __future__ import annotations

import logging
from pathlib import Path

from rebalancer_gui.adapters.market_data.caps_cache import FileCapsCache
from rebalancer_gui.adapters.market_data.caps_online import CoinGeckoCaps, CoinPaprikaCaps
from rebalancer_gui.adapters.market_data.coin_ids import FILE_NAME, read_coin_ids
from rebalancer_gui.adapters.market_data.history import DailyHistory, HistoricalMarketCaps
from rebalancer_gui.adapters.market_data.source_keys import VaultSourceKeys
from rebalancer_gui.adapters.notifying.threads import in_thread
from rebalancer_gui.adapters.secrets.vaults import Vaults
from rebalancer_gui.adapters.storage.settings_file import SettingsFile, SettingsSection
from rebalancer_gui.application.market_caps import LiveMarketCaps
from rebalancer_gui.application.market_data_desk import SECTION, MarketDataDesk
from rebalancer_gui.application.notices import NotSent
from rebalancer_gui.application.ports import Clock
from rebalancer_gui.domain.errors import RebalancerError

KEY_PATIENCE = 20.0
"""Seconds until it goes on without the key: the public interface answers too."""
_log = logging.getLogger(__name__)


def build_market_data_desk(settings: SettingsFile, vaults: Vaults) -> MarketDataDesk:
    """The data folder is open. No vault is asked anything yet."""
    return MarketDataDesk(SettingsSection(settings, SECTION), VaultSourceKeys(vaults))


def build_live_caps(cache: Path, resources: Path, clock: Clock, desk: MarketDataDesk) -> LiveMarketCaps:
    """For one engine, made in its thread. ``cache`` is the data folder's. Nobody is asked anything before it runs."""
    coins = read_coin_ids(resources / "markets" / FILE_NAME).values()

    async def key() -> str:
        try:
            return await in_thread(KEY_PATIENCE, desk.load_key, "CoinGecko key")
        except (RebalancerError, NotSent) as error:
            _log.info("the CoinGecko key cannot be had (%s): it is asked without one", error)
            return ""

    return LiveMarketCaps(
        (CoinGeckoCaps(coins, clock, key), CoinPaprikaCaps(coins, clock)),
        FileCapsCache(cache, clock.now),
        HistoricalMarketCaps(DailyHistory(resources / "demo")),
        clock,
        desk.online,
        desk.watch,
    )
