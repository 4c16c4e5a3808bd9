"""The closes that a rule looks at, coin by coin in memory, with the highest and lowest of each block of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

BLOCK = 256
"""Looks of one block."""


@dataclass(frozen=True, slots=True)
class Closes:
    """``lanes`` float64[coins, looks], quote units, one coin after the other in memory; ``highs`` and ``lows``
    float64[coins, blocks] are the extremes of each :data:`BLOCK` looks; what is left over at the end has none.
    """

    lanes: Floats
    highs: Floats
    lows: Floats

    def __len__(self) -> int:
        return int(self.lanes.shape[1])

    def at(self, look: int) -> list[float]:
        """The closes of one look, in the order of the coins."""
        row: list[float] = self.lanes[:, look].tolist()
        return row

    def only(self, looks: Ints) -> Closes:
        """Some of the looks, copied."""
        return closes_of(self.lanes.take(looks, axis=1))


def closes_of(lanes: Floats) -> Closes:
    """With the extremes of its blocks."""
    return Closes(lanes, block_extremes(lanes, np.maximum), block_extremes(lanes, np.minimum))


def block_extremes(lanes: Floats, extreme: np.ufunc) -> Floats:
    """``extreme`` (maximum or minimum) of each whole block of the last axis of ``lanes``."""
    blocks = lanes.shape[-1] // BLOCK
    whole = lanes[..., : blocks * BLOCK].reshape(*lanes.shape[:-1], blocks, BLOCK)
    extremes: Floats = extreme.reduce(whole, axis=-1)
    return extremes
