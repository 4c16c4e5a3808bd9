"""What only memory knows at a safe stop, kept so that the next start goes on as if there had been none (BEHAVIOUR.md 3a).

It counts only at the very market time at which it was written: on the demo market, which stands still meanwhile. After a
crash, and on a market that moved on, everything begins anew: a check is due, a level needs its three quotes again.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.protection import Confirmation, Watch
from rebalancer_gui.domain.strategy import State

WARM_KEY = "warm"


def remember(account: Account) -> None:
    """Inside the last transaction before the store is closed."""
    state = {
        "at": _time(account.venue.clock.now()),
        "batch_at": _time(account.batch_at) if account.batch_at is not None else "",
        "turned": sorted(account.turned),
        "sampled_at": _time(account.sampled_at) if account.sampled_at is not None else "",
        "guard": account.guard.to_plain(),
        "strategies": {s.id: _of(s) for s in account.strategies.values() if s.record.state is not State.ENDED},
    }
    account.store.set_value(WARM_KEY, json.dumps(state, separators=(",", ":")))


def restore(account: Account) -> None:
    """After recovery: take up what was remembered, if no market time has passed since."""
    text = account.values.get(WARM_KEY, "")
    state: dict[str, Any] = json.loads(text) if text else {}
    if not state or state["at"] != _time(account.venue.clock.now()):
        return
    account.batch_at = datetime.fromisoformat(state["batch_at"]) if state["batch_at"] else None
    account.turned, account.resumed = set(state["turned"]), True
    account.sampled_at = datetime.fromisoformat(state["sampled_at"]) if state["sampled_at"] else None
    account.guard.from_plain(state["guard"])
    for strategy_id, kept in state["strategies"].items():
        strategy = account.strategies.get(strategy_id)
        if strategy is not None and strategy.record.state is not State.ENDED:
            _put(account, strategy, kept)


def _of(strategy: StrategyRuntime) -> dict[str, Any]:
    return {
        "last_check": _time(strategy.last_check) if strategy.last_check is not None else "",
        "obstructed": strategy.obstructed,
        "refusals": strategy.refusals,
        "decision": strategy.decision,
        "counted": {
            watch.value: [c.count, _time(c.at) if c.at is not None else ""]
            for watch, c in strategy.confirmations.items()
        },
        "late": {watch.value: late for watch, late in strategy.late.items()},
    }


def _put(account: Account, strategy: StrategyRuntime, kept: dict[str, Any]) -> None:
    strategy.last_check = datetime.fromisoformat(kept["last_check"]) if kept["last_check"] else None
    strategy.obstructed, strategy.refusals = kept["obstructed"], kept["refusals"]
    strategy.decision = kept["decision"]
    for name, (count, at) in kept["counted"].items():
        strategy.confirmations[Watch(name)] = Confirmation(count, datetime.fromisoformat(at) if at else None)
    strategy.late = {Watch(name): late for name, late in kept["late"].items()}
    if strategy.newest is None:
        rows = account.store.rebalances(strategy.id, None, 1)
        strategy.newest = rows[0] if rows else None


def _time(at: datetime) -> str:
    return at.isoformat()
