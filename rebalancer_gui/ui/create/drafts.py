"""Drafts of the form from parameters that exist: a file, another strategy. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from rebalancer_gui.domain.naming import free_name
from rebalancer_gui.domain.strategy import StrategyParameters
from rebalancer_gui.ui.create.form_state import Draft
from rebalancer_gui.ui.create.weights import Allocation


def draft_of(parameters: StrategyParameters, taken: Collection[str] = ()) -> Draft:
    """The form as it stands for ``parameters``, under a name that nobody in ``taken`` has."""
    allocation = Allocation().with_added(parameters.assets).with_targets(parameters.targets)
    draft = Draft(
        name=free_name(parameters.name, taken),
        quote=parameters.quote,
        allocation=allocation,
        investment=parameters.investment,
        sell_all_on_stop=parameters.sell_all_on_stop,
        # From which side it is waited for is found anew where it is created.
        trigger=replace(parameters.trigger, direction=None) if parameters.trigger is not None else None,
        stop_loss=parameters.stop_loss,
        take_profit=parameters.take_profit,
    )
    return draft.with_rule(parameters.rule)
