"""What a test of a key comes to, as the banner under it."""

from __future__ import annotations

from rebalancer_gui.application.connection import ConnectionReport
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Level, Notice


def verdict(report: ConnectionReport) -> Notice:
    """The worst first: what decides whether the account may ever trade."""
    if report.permissions.may_withdraw:
        text = tr(
            "Rebalancer never needs the withdrawal right, and refuses to trade with such a key. Switch it off at the "
            "exchange, then press Test connection. Until then the account can only watch."
        )
        return Notice(Level.BLOCKING, tr("This key can take money out"), text)
    if report.problems:
        return Notice(Level.WARNING, tr("Not everything could be read"), " ".join(report.problems))
    if report.permissions.note:
        return Notice(Level.WARNING, tr("Not everything can be checked"), report.permissions.note)
    return Notice(
        Level.NOTE,
        tr("The connection works"),
        tr("{without_evidence} A new account only watches.", without_evidence=report.without_evidence),
    )
