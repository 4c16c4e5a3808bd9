"""The strategies of one account: those that go on in memory, those that are over on the shelf."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from rebalancer_gui.application.ports import Store
from rebalancer_gui.application.shelf import Shelf
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.errors import InvariantBroken


class Strategies(dict[str, StrategyRuntime]):
    """By id, in the order of their creation: every strategy that is not over, and for a short while one that just ended
    or of which something is open still. Engine thread only.
    """

    def __init__(self, going: Mapping[str, StrategyRuntime], store: Store) -> None:
        super().__init__(going)
        self.over = Shelf(store)

    @property
    def ever(self) -> bool:
        """Whether there was any."""
        return bool(self) or self.over.count > 0

    def every(self) -> Iterator[StrategyRuntime]:
        """Those in memory, then those on the shelf, read as they are asked for."""
        yield from list(self.values())
        yield from (strategy for strategy in self.over.all() if strategy.id not in self)

    def find(self, strategy_id: str) -> StrategyRuntime | None:
        """To be looked at, whether it goes on or is over; None for an unknown id."""
        return self.get(strategy_id) or (self.over.find(strategy_id) if strategy_id else None)

    def take(self, strategy_id: str) -> StrategyRuntime:
        """To be changed: one that is over is in memory again until nothing of it is open. InvariantBroken for an unknown id."""
        found = self.get(strategy_id)
        if found is not None:
            return found
        found = self.over.find(strategy_id)
        if found is None:
            raise InvariantBroken(f"there is no strategy {strategy_id}")
        self.over.take(found)
        self[strategy_id] = found
        return found

    def put_away(self, shown: Collection[str]) -> list[str]:
        """Those that are over, if nothing of them is open and their end was ``shown`` (ids), go on the shelf; answers which."""
        gone = [sid for sid in shown if (strategy := self.get(sid)) is not None and strategy.is_closed]
        for strategy_id in gone:
            self.over.put(self.pop(strategy_id))
        return gone
