"""The play money that a new paper account on live prices begins with: a field of the account form. GUI thread only."""

from __future__ import annotations

from rebalancer_gui.application.accounts import MOST_START_MONEY, START_GRID, VenueEntry
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit, Limits
from rebalancer_gui.ui.widgets.form import Field

_LIMITS = Limits(minimum=ZERO, above_minimum=True, maximum=MOST_START_MONEY, grid=START_GRID, required=False)


class StartMoney(Field):
    """`startMoneyEdit`; off while a key is given, because then the account holds what the exchange says."""

    def __init__(self, numbers: NumberFormat) -> None:
        self.edit = DecimalEdit("startMoneyEdit", tr("Starting money"), limits=_LIMITS, numbers=numbers, tall=True)
        self.edit.setPlaceholderText(tr("about what 10,000 dollars are"))
        super().__init__(tr("Play money"), self.edit, beside=True)

    def follow(self, entry: VenueEntry | None, *, has_key: bool) -> None:
        """It is in the exchange's own money."""
        self.edit.set_unit(entry.money if entry is not None else "")
        self.edit.setEnabled(not has_key)
        only_paper = tr("Only for a paper account: with a key the account holds what the exchange says.")
        self.edit.setToolTip(only_paper if has_key else tr("What the paper account begins with; it is no real money."))
