"""Strategies and symbols by the small integer keys that stand in the file in place of their names."""

from __future__ import annotations

from rebalancer_gui.adapters.storage.connection import Connection
from rebalancer_gui.domain.errors import InvariantBroken


class KeyBook:
    """Keeps the keys in memory; a rollback makes it read them again."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._strategies: dict[str, int] | None = None
        self._symbols: dict[str, int] | None = None
        connection.on_rollback = self.forget

    def forget(self) -> None:
        """Read the keys again before the next use."""
        self._strategies = self._symbols = None

    def strategy(self, strategy_id: str) -> int:
        """InvariantBroken for an id that was never saved."""
        key = self.find_strategy(strategy_id)
        if key is None:
            raise InvariantBroken(f"there is no strategy {strategy_id} in the store")
        return key

    def owner(self, strategy_id: str) -> int | None:
        """The key of a row's strategy; None for "", the account's own rows."""
        return self.strategy(strategy_id) if strategy_id else None

    def find_strategy(self, strategy_id: str) -> int | None:
        """None for an unknown id."""
        if self._strategies is None:
            self._strategies = dict(self._connection.rows("SELECT id, key FROM strategy"))
        return self._strategies.get(strategy_id)

    def add_strategy(self, strategy_id: str, key: int) -> None:
        """Remember the key that a new strategy was given."""
        if self._strategies is not None:
            self._strategies[strategy_id] = key

    def find_symbol(self, name: str) -> int | None:
        """None for a symbol that no row has named yet."""
        if self._symbols is None:
            self._symbols = dict(self._connection.rows("SELECT name, key FROM symbol"))
        return self._symbols.get(name)

    def symbol(self, name: str) -> int:
        """The key of a symbol, stored now where it is new."""
        key = self.find_symbol(name)
        if key is None:
            key = int(self._connection.write("INSERT INTO symbol (name) VALUES (?)", (name,)).lastrowid or 0)
            if self._symbols is not None:
                self._symbols[name] = key
        return key
