"""The one place where ccxt is imported: late, and without holding up the window.

    package = ccxt("pro")       # the module ccxt.pro
    package.kraken              # the class; only now this exchange is imported

It takes half a second to a second, in the thread that asks first; each single module some milliseconds at most.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

from rebalancer_gui.adapters.memory import loading
from rebalancer_gui.adapters.venues.lazy_ccxt import become_lazy


def ccxt(part: str = "") -> ModuleType:
    """ccxt itself, or its package ``async_support`` or ``pro``; at once when it is there already."""
    become_lazy()
    return loaded(f"ccxt.{part}" if part else "ccxt")


def loaded(name: str) -> ModuleType:
    """A module that brings much along."""
    if name in sys.modules:
        return importlib.import_module(name)
    with loading():
        return importlib.import_module(name)
