"""Which orders would a new strategy send? The same planner as the real build, on a portfolio of nothing but cash."""

from __future__ import annotations

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.views import Preview
from rebalancer_gui.domain.creation import problems_with
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.planning import plan_rebalance
from rebalancer_gui.domain.strategy import State, StrategyParameters
from rebalancer_gui.domain.valuation import take_snapshot


def preview_strategy(account: Account, parameters: StrategyParameters) -> Preview:
    """The plan of the first build at the newest quotes. Raises InvalidInput when a coin has no good price."""
    problems = problems_with(
        parameters,
        taken_names=[s.name for s in account.strategies.values() if s.record.state is not State.ENDED],
        free=account.wallet.free,
        rules=account.rules,
        quotes=account.quotes,
    )
    if not all(number.is_finite() for number in (parameters.investment, *(t.weight for t in parameters.targets))):
        raise InvalidInput(problems[0].field, problems[0].message)
    snapshot = take_snapshot(
        seq=account.seq,
        at=account.venue.clock.now(),
        quote_asset=parameters.quote,
        targets=parameters.targets,
        quantities={},
        cash=parameters.investment,
        quotes=account.quotes,
        stale_after=account.venue.stale_after,
    )
    if snapshot.total is None:
        why = ", ".join(f"{h.asset}: {h.fault.value}" for h in snapshot.faults if h.fault is not None)
        raise InvalidInput("coins", f"There is no good price for every coin now ({why}).")
    plan = plan_rebalance(snapshot, account.rules, account.fees)
    return Preview(plan, tuple((p.field, p.message) for p in problems))
