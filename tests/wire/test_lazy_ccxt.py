"""An exchange is imported when it is asked for, and is the one that ccxt imports by itself."""

from __future__ import annotations

import json
import subprocess
import sys

from rebalancer_gui.adapters.venues.catalogue import catalogue

_TELLS = """
import hashlib, importlib, json, sys

def told(kind):
    return [kind.__module__, repr(kind.__mro__), hashlib.sha256(repr(kind().describe()).encode()).hexdigest()]

print(json.dumps({
    f"{name}.{venue}": told(getattr(importlib.import_module(name), venue))
    for name in ("ccxt.async_support", "ccxt.pro")
    for venue in importlib.import_module(name).exchanges
}))
"""
_LAZILY = "from rebalancer_gui.adapters.venues.lazy_ccxt import become_lazy\nbecome_lazy()\n"
_ONE = """
import sys
from rebalancer_gui.adapters.venues.ccxt_import import ccxt
from rebalancer_gui.adapters.venues.ccxt_client import venue_ids

def exchanges():
    known = {f"{package}.{venue}" for package in ("ccxt", "ccxt.async_support", "ccxt.pro") for venue in venue_ids()}
    return sorted(known & set(sys.modules))

package = ccxt("pro")
assert len(venue_ids()) > 100 and len(package.exchanges) > 70
assert exchanges() == [], exchanges()
kraken = package.kraken
assert kraken is package.kraken and kraken is sys.modules["ccxt.pro.kraken"].kraken
assert exchanges() == ["ccxt.async_support.kraken", "ccxt.pro.kraken"], exchanges()
assert kraken.__mro__[1] is ccxt("async_support").kraken

import ccxt as itself
from ccxt.base.errors import NetworkError
assert itself.NetworkError is package.NetworkError is ccxt("async_support").NetworkError is NetworkError
assert itself.pro is package and itself.__version__ == package.__version__

# As a module of ccxt's own does it: by the path to the module it means the class.
import ccxt.async_support.bitso as bitso
assert isinstance(bitso, type) and bitso is itself.async_support.bitso
from ccxt.pro import okx
assert okx is sys.modules["ccxt.pro.okx"].okx

assert {"luno", "exchanges", "NetworkError"} <= set(dir(itself)) and not hasattr(itself, "nowhere")
assert exchanges() == [
    "ccxt.async_support.bitso", "ccxt.async_support.kraken", "ccxt.async_support.okx", "ccxt.pro.kraken", "ccxt.pro.okx"
], exchanges()
"""


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_exchange_is_the_same_class_with_the_same_description_as_without_our_hand_in_it():
    ours, plain = json.loads(_run(_LAZILY + _TELLS)), json.loads(_run(_TELLS))
    assert ours == plain
    assert {f"ccxt.async_support.{entry.id}" for entry in catalogue()} <= set(ours)


def test_an_exchange_brings_no_other_along_and_everything_else_of_ccxts_packages_is_as_ever():
    _run(_ONE)
