"""Brownian bridges whose every point can be computed alone, from a keyed hash.

Lévy's construction: the bridge on [0, 1] is 0 at both ends; the middle of an interval of length h between known values
u and v is (u + v) / 2 + N * sqrt(h) / 2 with a standard normal N. Here N is a hash of (seed, name, day, place in the
tree) instead of the next number of a generator, so a point needs only the 16 middles above it, whatever was asked before.
One hash serves a subtree of four levels (15 middles, 32 bits each). Below 2**-16 of a day (1.3 s) it is linear.

float64 is right here: these are invented prices between two real ones; they become Decimals in one place only.
"""

from __future__ import annotations

import math
import struct
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from statistics import NormalDist

LEVELS_PER_HASH = 4
HASHES = 4
LEVELS = LEVELS_PER_HASH * HASHES
LEAVES = 1 << LEVELS
_UNPACK = struct.Struct("<15I4x").unpack
_PLACE = struct.Struct("<qBQ").pack
_TO_UNIT = 1.0 / (1 << 32)
_inverse_normal = NormalDist().inv_cdf
_SPREAD = tuple(math.sqrt(0.5**level) / 2 for level in range(LEVELS))
"""Standard deviation of the middle of an interval of level l (length 2**-l): sqrt(2**-l) / 2."""


def standard_normal(bits: int) -> float:
    """A normal deviate from 32 evenly distributed bits; the half keeps 0 and 1 out."""
    return _inverse_normal((bits + 0.5) * _TO_UNIT)


def hash_key(seed: int, name: str) -> bytes:
    """The key of one stream of normals: 32 bytes, different for every (seed, name)."""
    return blake2b(f"{seed}/{name}".encode(), digest_size=32).digest()


def keyed_normal(key: bytes, index: int) -> float:
    """The ``index``-th independent standard normal of the stream ``key``."""
    digest = blake2b(_PLACE(index, 255, 0), key=key, digest_size=4).digest()
    return standard_normal(int.from_bytes(digest, "little"))


@lru_cache(maxsize=2048)
def _subtree(key: bytes, day: int, depth: int, index: int) -> bytes:
    """The 15 numbers of one subtree, packed (as integers they take five times the memory). The cache, some 0.6 MB when
    full, serves the present subtrees of 500 coins.
    """
    return blake2b(_PLACE(day, depth, index), key=key, digest_size=64).digest()


@lru_cache(maxsize=256)
def bridge(key: bytes, day: int, fraction: float) -> float:
    """The standard bridge of ``day`` at ``fraction`` in [0, 1): 0 at both ends, variance f(1 - f).

    ``key`` names the stream (``hash_key``). The cache lets all coins of one moment share the common factor.
    """
    scaled = fraction * LEAVES
    leaf = int(scaled)
    left = right = 0.0
    level = 0
    for depth in range(HASHES):
        below = LEVELS - LEVELS_PER_HASH * (depth + 1)
        numbers = _UNPACK(_subtree(key, day, depth, leaf >> (below + LEVELS_PER_HASH)))
        node = 0
        bits = leaf >> below
        for shift in (3, 2, 1, 0):
            middle = (left + right) / 2 + _SPREAD[level] * _inverse_normal((numbers[node] + 0.5) * _TO_UNIT)
            if bits >> shift & 1:
                left = middle
                node = 2 * node + 2
            else:
                right = middle
                node = 2 * node + 1
            level += 1
    return left + (right - left) * (scaled - leaf)


class CorrelatedBridges:
    """Intraday moves of several coins: every coin's bridge is sqrt(c) * common + sqrt(1 - c) * its own.

    Any two coins then have correlation ``c`` inside a day. ``seed`` and coin name the streams.
    """

    def __init__(self, seed: int, correlation: float) -> None:
        if not 0 <= correlation <= 1:
            raise ValueError(f"The correlation must lie between 0 and 1, not {correlation}.")
        self._seed = seed
        self._common_share = math.sqrt(correlation)
        self._own_share = math.sqrt(1 - correlation)
        self._common = hash_key(seed, "common factor")
        self._keys: dict[str, bytes] = {}

    def _key(self, asset: str) -> bytes:
        key = self._keys.get(asset)
        if key is None:
            key = self._keys[asset] = hash_key(self._seed, f"coin/{asset}")
        return key

    def inside_day(self, asset: str, day: int, fraction: float) -> float:
        """The standard bridge of ``asset``; times its daily volatility it is a log return."""
        own = bridge(self._key(asset), day, fraction)
        return self._common_share * bridge(self._common, day, fraction) + self._own_share * own

    def over_day(self, asset: str, day: int) -> float:
        """A standard normal for the whole of ``day``, correlated in the same way (used where no history exists)."""
        own = keyed_normal(self._key(asset), day)
        return self._common_share * keyed_normal(self._common, day) + self._own_share * own


def price_from_float(value: float) -> Decimal:
    """Twelve significant digits of ``value``: more than any tick, fewer than the noise of float arithmetic."""
    return Decimal(f"{value:.12g}")
