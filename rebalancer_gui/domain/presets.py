"""What a preset is, and how its weights come about (BEHAVIOUR.md section 9)."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rebalancer_gui.domain.allocation import equal_weights, weights_by
from rebalancer_gui.domain.strategy import Rule, Target


class Weighting(enum.Enum):
    """How the weights of a preset are worked out; the value stands in its file."""

    CAP = "cap"
    SQRT_CAP = "sqrt-cap"
    EQUAL = "equal"
    FIXED = "fixed"
    """As its owner typed them."""


@dataclass(frozen=True, slots=True)
class PresetDefinition:
    """A preset as its file says it. ``coins`` in list order; the ``take`` largest by market cap are used.

    ``minimum_weight`` in percent. ``weights``: for ``Weighting.FIXED`` only. ``own``: made by the program's owner.
    """

    id: str
    name: str
    category: str
    coins: tuple[str, ...]
    list_date: date
    source: str
    take: int
    minimum_weight: Decimal
    rule: Rule
    sell_all_on_stop: bool
    weighting: Weighting = Weighting.CAP
    weights: tuple[Target, ...] = ()
    own: bool = False


def needs_caps(preset: PresetDefinition, tradable: int) -> bool:
    """Whether its coins or weights depend on market caps when ``tradable`` of its coins can be bought: equal weights do when
    the largest of several are to be found.
    """
    match preset.weighting:
        case Weighting.CAP | Weighting.SQRT_CAP:
            return True
        case Weighting.EQUAL:
            return tradable > preset.take
        case Weighting.FIXED:
            return False


def weights_of(preset: PresetDefinition, chosen: Sequence[str], caps: Mapping[str, Decimal]) -> tuple[Target, ...]:
    """The weights of the ``chosen`` coins, adding up to exactly 100; ``caps`` (USD, > 0) holds each where they are needed.
    Fixed weights of which a coin is left out keep their proportions.
    """
    if not chosen:
        return ()
    match preset.weighting:
        case Weighting.CAP:
            return weights_by({asset: caps[asset] for asset in chosen})
        case Weighting.SQRT_CAP:
            return weights_by({asset: caps[asset].sqrt() for asset in chosen})
        case Weighting.EQUAL:
            return equal_weights(chosen)
        case Weighting.FIXED:
            return weights_by({target.asset: target.weight for target in preset.weights if target.asset in chosen})
