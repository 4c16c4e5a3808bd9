"""Which coin has which of the ten colour slots. Pure; no Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

SLOTS = 10
FIXED_SLOTS: Mapping[str, int] = {"BTC": 1, "ETH": 2, "BNB": 3, "SOL": 4}
_FIRST_FREE = 5


class CoinColours:
    """Remembers each coin's preferred slot, and settles conflicts within one strategy.

    BTC, ETH, BNB and SOL have slots 1 to 4 always; every other coin gets 5 to 10 in turn the first time it is met.
    `stored` is what an earlier run handed to `save`; `save` is called with the whole mapping whenever a coin is new,
    so a coin looks the same in every strategy and after every start. An entry of `stored` outside 5 to 10 is ignored.
    """

    def __init__(
        self, stored: Mapping[str, int] | None = None, save: Callable[[Mapping[str, int]], None] | None = None
    ) -> None:
        self._preferred = {
            asset: slot
            for asset, slot in (stored or {}).items()
            if _FIRST_FREE <= slot <= SLOTS and asset not in FIXED_SLOTS
        }
        self._save = save

    @property
    def mapping(self) -> Mapping[str, int]:
        """The slots of all coins met so far except the four fixed ones, in the order of their first meeting."""
        return dict(self._preferred)

    def preferred(self, asset: str) -> int:
        """The slot 1 to 10 that `asset` has where no other coin contests it."""
        fixed = FIXED_SLOTS.get(asset)
        if fixed is not None:
            return fixed
        if asset not in self._preferred:
            self._preferred[asset] = _FIRST_FREE + len(self._preferred) % (SLOTS - _FIRST_FREE + 1)
            if self._save is not None:
                self._save(self.mapping)
        return self._preferred[asset]

    def for_coins(self, assets: Iterable[str]) -> dict[str, int]:
        """The slots of one strategy's coins, in the order given (at most ten): no slot twice.

        Where two coins prefer the same slot, the later one takes the nearest free slot (the lower of two equally
        near) for as long as it is in there. Slots that a later coin of the same strategy prefers are not taken.
        """
        coins = list(dict.fromkeys(assets))
        if len(coins) > SLOTS:
            raise ValueError(f"a strategy has at most {SLOTS} coins, not {len(coins)}")
        wanted = {asset: self.preferred(asset) for asset in coins}
        settled: dict[str, int] = {}
        for asset in coins:
            if wanted[asset] not in settled.values():
                settled[asset] = wanted[asset]
        for asset in coins:
            if asset not in settled:
                free = set(range(1, SLOTS + 1)) - set(settled.values())
                settled[asset] = min(free, key=lambda slot, want=wanted[asset]: (abs(slot - want), slot))  # type: ignore[misc]
        return {asset: settled[asset] for asset in coins}
