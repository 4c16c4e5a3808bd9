"""PySide reads the source text of every module that is imported after it, and keeps all of it.

It looks for the word PySide6, to know for which modules ``from __feature__ import`` (other names for Qt's methods) might count.
This program has no use for that, and without it needs 15 MB and a good part of its start less.
"""

from __future__ import annotations

import sys


def leave_sources_alone() -> None:
    """From now on. PySide6.QtCore must have been imported. Where this PySide does not do so, nothing happens."""
    feature = sys.modules.get("shibokensupport.feature")
    if callable(getattr(feature, "_mod_uses_pyside", None)):
        vars(feature)["_mod_uses_pyside"] = _without_looking


def _without_looking(_module: object) -> bool:
    """As for a module that speaks of PySide6: Qt's methods have their usual names in it."""
    return True
