"""Where F1 opens the guide: for a control, the place that speaks of it, found by objectName from the inside out. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Iterable

FIRST = "first-minutes.md"
TOPICS = {
    "accountCombo": "first-minutes.md#the-window",
    "demoBar": "first-minutes.md#the-demo-market",
    "modePlate": "going-live.md",
    "strategiesPanel": "reading-the-numbers.md#the-table-of-strategies",
    "strategiesTable": "reading-the-numbers.md#the-table-of-strategies",
    "detailsPanel": "reading-the-numbers.md",
    "ratiosTable": "reading-the-numbers.md#drift",
    "detailTabBar": "reading-the-numbers.md#the-tabs",
    "feesReturnTable": "reading-the-numbers.md#fees",
    "haltBanner": "what-can-go-wrong.md",
    "createPanel": "manual.md",
    "presetList": "presets.md",
    "presetNameEdit": "presets.md",
    "presetInvestmentEdit": "presets.md",
    "strategyNameEdit": "manual.md",
    "allocationTable": "manual.md#1-coins",
    "distributionCombo": "manual.md#1-coins",
    "useHeldCoinsCheck": "manual.md#coins-you-hold-already",
    "investmentEdit": "manual.md#2-investment",
    "investmentSlider": "manual.md#2-investment",
    "thresholdCombo": "manual.md#by-coin-ratio",
    "checkPeriodCombo": "manual.md#by-coin-ratio",
    "byRatioRadio": "manual.md#3-auto-rebalance",
    "byTimeRadio": "manual.md#3-auto-rebalance",
    "intervalCombo": "manual.md#by-time",
    "gateEdit": "manual.md#by-time",
    "advancedGroup": "advanced.md",
    "triggerPriceEdit": "advanced.md#trigger-price",
    "triggerSymbolCombo": "advanced.md#trigger-price",
    "stopLossEdit": "advanced.md#stop-loss-and-take-profit",
    "stopLossBasisCombo": "advanced.md#stop-loss-and-take-profit",
    "takeProfitEdit": "advanced.md#stop-loss-and-take-profit",
    "takeProfitBasisCombo": "advanced.md#stop-loss-and-take-profit",
    "sellAllOnStopCheck": "advanced.md#sell-all-coins-on-stop",
    "expectationPanel": "what-to-expect.md",
    "expectationDetailsDialog": "what-to-expect.md",
    "testRuleDialog": "testing-a-rule.md",
    "stopDialog": "manual.md#stopping",
    "addFundsDialog": "manual.md#adding-and-removing-money",
    "removeFundsDialog": "manual.md#adding-and-removing-money",
    "startPreviewDialog": "manual.md#preview-and-create",
    "changeCoinsDialog": "manual.md#changing-it-later",
    "editStrategyDialog": "manual.md#changing-it-later",
    "addCoinsDialog": "manual.md#1-coins",
    "paperAccountDialog": "first-minutes.md#the-demo-market",
    "resetAccountDialog": "first-minutes.md#the-demo-market",
    "unlockDialog": "accounts-and-keys.md",
    "accountDialog": "accounts-and-keys.md",
    "accountsDialog": "accounts-and-keys.md",
    "goLiveDialog": "going-live.md",
    "settingsDialog": "being-told.md",
    "recordsWindow": "records-and-taxes.md",
    "exportDialog": "records-and-taxes.md#cost-basis",
    "importDialog": "manual.md#changing-it-later",
    "quarantinedOrderDialog": "what-can-go-wrong.md#an-order-without-an-answer",
}


def place_for(names: Iterable[str]) -> str:
    """The place for the first of these objectNames, innermost first, that has one; else where a newcomer begins."""
    return next((TOPICS[name] for name in names if name in TOPICS), FIRST)
