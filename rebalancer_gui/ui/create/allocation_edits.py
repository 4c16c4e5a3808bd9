"""What is pressed and typed in section 1, as another allocation. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import QObject, Signal

from rebalancer_gui.ui.create.allocation_section import AllocationSection
from rebalancer_gui.ui.create.weights import Allocation, Distribution


class AllocationEdits(QObject):
    """`edited(object, str)`: the new `Allocation`, and why the text of a weight is none ("" = all are).

    `current` gives the allocation that the form has now.
    """

    edited = Signal(object, str)

    def __init__(
        self, section: AllocationSection, current: Callable[[], Allocation], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._current = current
        self._problems: dict[str, str] = {}
        section.distributionChosen.connect(self._distribution_chosen)
        section.weightEdited.connect(self._weight_edited)
        section.weightProblem.connect(self._weight_problem)
        section.lockToggled.connect(self._lock_toggled)
        section.removePressed.connect(self._removed)
        section.restShared.connect(self._rest_shared)

    def forget(self) -> None:
        """The form is filled anew: nothing that was typed is left."""
        self._problems.clear()

    def put(self, allocation: Allocation) -> None:
        """Tell of another allocation; texts of coins that left are forgotten."""
        self._problems = {asset: text for asset, text in self._problems.items() if asset in allocation.assets}
        wrong = next((f"{asset}: {text}" for asset, text in self._problems.items()), "")
        self.edited.emit(allocation, wrong)

    def add(self, assets: tuple[str, ...]) -> None:
        """Coins that were chosen in the dialog."""
        self.put(self._current().with_added(assets))

    def _distribution_chosen(self, distribution: Distribution) -> None:
        self._problems.clear()
        self.put(self._current().with_distribution(distribution))

    def _weight_edited(self, asset: str, weight: Decimal | None) -> None:
        self.put(self._current().with_weight(asset, weight))

    def _weight_problem(self, asset: str, problem: str) -> None:
        weight = next((coin.weight for coin in self._current().coins if coin.asset == asset), None)
        if problem and weight is None:
            self._problems[asset] = problem
        else:
            self._problems.pop(asset, None)
        self.put(self._current())

    def _lock_toggled(self, asset: str, locked: bool) -> None:
        self.put(self._current().with_lock(asset, locked=locked))

    def _removed(self, asset: str) -> None:
        self.put(self._current().without(asset))

    def _rest_shared(self) -> None:
        self.put(self._current().with_rest_shared())
