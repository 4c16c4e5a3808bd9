"""What F1 and the question marks should lead to, for the walk through all screens."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

PAGES = {
    "expectationDetailsDialog": "what-to-expect.md",
    "addFundsDialog": "manual.md",
    "removeFundsDialog": "manual.md",
    "stopDialog": "manual.md",
    "changeCoinsDialog": "manual.md",
    "editStrategyDialog": "manual.md",
    "startPreviewDialog": "manual.md",
    "planPreviewDialog": "manual.md",
    "addCoinsDialog": "manual.md",
    "importDialog": "manual.md",
    "importProblems": "manual.md",
    "dropRefused": "manual.md",
    "resumeTradingQuestion": "manual.md",
    "paperAccountDialog": "first-minutes.md",
    "resetAccountDialog": "first-minutes.md",
    "closeQuestion": "settings-and-data.md",
    "settingsDialog": "settings-and-data.md",
    "importSettingsQuestion": "settings-and-data.md",
    "restoreQuestion": "settings-and-data.md",
    "logDialog": "settings-and-data.md",
    "reportDialog": "settings-and-data.md",
    "resetOutcome": "settings-and-data.md",
    "recordsWindow": "records-and-taxes.md",
    "exportDialog": "records-and-taxes.md",
    "exportProblem": "records-and-taxes.md",
    "accountDialog": "accounts-and-keys.md",
    "accountsDialog": "accounts-and-keys.md",
    "removeAccountQuestion": "accounts-and-keys.md",
    "accountProblem": "accounts-and-keys.md",
    "unlockDialog": "accounts-and-keys.md",
    "presetNameDialog": "presets.md",
    "deletePresetQuestion": "presets.md",
    "goLiveDialog": "going-live.md",
    "firstContactQuestion": "going-live.md",
    "proposalDialog": "going-live.md",
    "quarantinedOrderDialog": "what-can-go-wrong.md",
    "repairDialog": "what-can-go-wrong.md",
    "repairQuestion": "what-can-go-wrong.md",
    "bookLossQuestion": "what-can-go-wrong.md",
    # A link that nothing opened, a guide that is not there: there is no page about these.
    "notOpenedBox": "first-minutes.md",
    "guideMissingBox": "first-minutes.md",
}
"""The page that F1 opens in each dialog as it is when it opens."""
NO_TOPIC = ("guide", "notOpenedBox", "guideMissingBox")
"""Controls with such names: those of the guide itself, and of what no page speaks about."""
BESIDE = {
    "help-net-invested": ("Net invested", "HODL", "weighted"),
    "help-profit": ("Strategies",),
    "help-coins-and-weights": ("Coins",),
    "help-investment": ("Investment",),
    "help-threshold": ("Threshold", "Check every"),
    "help-trigger-price": ("Trigger price",),
    "help-stop-loss": ("Stop-loss",),
    "help-take-profit": ("Take-profit",),
    "help-sell-all-coins-on-stop": ("sell all coins",),
    "help-what-to-expect": ("What to expect",),
}
"""The words of the part of the form in which each question mark stands."""


def outwards(widget: QWidget) -> Iterator[str]:
    """ObjectNames of the control and of everything it stands in."""
    at: QWidget | None = widget
    while at is not None:
        yield at.objectName()
        at = at.parentWidget()


def words_around(mark: QWidget) -> str:
    """What can be read in the smallest part of the window around the mark that says something."""
    at = mark.parentWidget()
    while at is not None:
        labels = [label.text() for label in at.findChildren(QLabel) if label.isVisible() and len(label.text()) > 2]
        buttons = [one.text() for one in at.findChildren(QAbstractButton) if one.isVisible() and len(one.text()) > 2]
        if labels or buttons:
            return " | ".join((*labels, *buttons))
        at = at.parentWidget()
    return ""
