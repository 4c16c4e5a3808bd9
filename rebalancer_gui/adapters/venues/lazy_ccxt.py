"""ccxt without the exchanges that nobody asked for: its three packages import all 100 of them, each.

    become_lazy()
    package = importlib.import_module("ccxt.pro")      # no exchange is imported yet
    package.binance                                    # now this one is, with what it is built on

The packages' own code runs as it is. Only their statements of the form ``from ccxt.pro.binance import binance`` are put off:
they go through an ``__import__`` of ours, which notes the name, and the first who asks for it makes up for it. All else, the
list ``exchanges`` among it, is there at once, and each class is the one that ccxt's own module makes.
"""

from __future__ import annotations

import builtins
import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace

from rebalancer_gui.adapters.memory import loading

_PACKAGES = ("ccxt", "ccxt.async_support", "ccxt.pro")
_PUT_OFF: dict[str, set[str]] = {name: set() for name in _PACKAGES}
"""What each package would have imported."""


def become_lazy() -> None:
    """From now on. A package that was imported before stays as it is. Safe to call twice."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    """Finds the packages as the others do, in a folder or in a program's own archive, and has them executed here."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _PUT_OFF:
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader)
                return spec
        return None


class _Loader(Loader):
    """The ``real`` one, but for what the package's code takes for ``__import__``."""

    def __init__(self, real: Loader) -> None:
        self._real = real

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _LazyPackage(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        put_off = _PUT_OFF[module.__name__]
        inside = vars(module)
        inside["__builtins__"] = {**vars(builtins), "__import__": _importer(module.__name__, put_off)}
        try:
            self._real.exec_module(module)
        finally:
            inside["__builtins__"] = builtins
        for name in put_off:
            del inside[name]


class _LazyPackage(ModuleType):
    """Imports what was put off when it is asked for."""

    def __getattr__(self, name: str) -> object:
        if name not in _PUT_OFF[self.__name__]:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        with loading():
            found: object = getattr(importlib.import_module(f"{self.__name__}.{name}"), name)
        return found

    def __setattr__(self, name: str, value: object) -> None:
        """Whoever imports ``ccxt.pro.binance`` leaves that module in its package by its name; ccxt has the class there."""
        if isinstance(value, ModuleType) and name in _PUT_OFF[self.__name__]:
            value = getattr(value, name)
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_PUT_OFF[self.__name__]})


def _importer(package: str, put_off: set[str]) -> Callable[..., object]:
    """An ``__import__`` for the code of ``package`` that only writes down in ``put_off`` which exchanges are wanted."""

    def importing(
        name: str,
        world: Mapping[str, object] | None = None,
        local: Mapping[str, object] | None = None,
        names: Sequence[str] | None = (),
        level: int = 0,
    ) -> object:
        parent, _, last = name.rpartition(".")
        if level or parent != package or tuple(names or ()) != (last,):
            return __import__(name, world, local, names or (), level)
        put_off.add(last)
        return SimpleNamespace(**{last: None})

    return importing
