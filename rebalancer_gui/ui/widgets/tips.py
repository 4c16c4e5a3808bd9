"""Tooltips that say exactly their text: a name with angle brackets is no markup, a long sentence runs over lines."""

from __future__ import annotations

from html import escape

_LONG = 100
"""Characters: from here on a tooltip in one line is wider than a table."""


def plain_tip(text: str) -> str:
    """``text`` for ``setToolTip`` or ``QToolTip.showText``. Qt takes what looks like markup for markup, and breaks lines
    only there: so a text that is long or might look like it is handed on as markup of its own letters.
    """
    if len(text) < _LONG and "<" not in text:
        return text
    return f'<p style="white-space:pre-wrap">{escape(text)}</p>'
