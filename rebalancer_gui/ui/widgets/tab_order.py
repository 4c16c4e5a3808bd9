"""The order of the Tab key where parts are made later than those that stand below them. GUI thread only."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def go_last(controls: Sequence[QWidget]) -> None:
    """``controls``, which stand in one window, come after all others of it, in this order: the buttons at a dialog's foot."""
    window = controls[0].window()
    chain: list[QWidget] = [window]
    while (at := chain[-1].nextInFocusChain()) is not None and at is not window:
        chain.append(at)
    # Qt puts nothing behind what takes no focus.
    others = [w for w in chain[1:] if w not in controls and w.focusPolicy() != Qt.FocusPolicy.NoFocus]
    for before, after in pairwise((*others[-1:], *controls)):
        QWidget.setTabOrder(before, after)
