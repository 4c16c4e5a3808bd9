"""Screens of the rule cockpit; ``pictures.py`` takes them."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtWidgets import QTabWidget

from rebalancer_gui.domain.allocation import equal_weights, weights_by
from rebalancer_gui.domain.strategy import Target
from rebalancer_gui.ui.create.form_state import Draft
from rebalancer_gui.ui.create.weights import Allocation
from tests.ui.picture_stage import Stage, spin
from tests.ui.screenshots import Act
from tests.ui.staged_accounts import full_account


def _manual(targets: tuple[Target, ...], amount: str, threshold: str = "5", *, explained: bool = False) -> Act:
    def act(stage: Stage) -> None:
        tabs = stage.window.create_panel.findChild(QTabWidget, "createTabs")
        assert isinstance(tabs, QTabWidget)
        tabs.setCurrentIndex(1)
        allocation = Allocation().with_targets(targets)
        form = stage.window.create_panel.manual
        form.fill(Draft(quote="USDT", allocation=allocation, investment=Decimal(amount), threshold=Decimal(threshold)))
        spin(lambda: True, 500)
        if explained:
            form.expectation.how.click()
            spin(lambda: True, 200)

    return act


THREE = weights_by({"BTC": Decimal(5), "ETH": Decimal(3), "SOL": Decimal(2)})


def _empty(stage: Stage) -> None:
    stage.window.create_panel.show_manual()
    spin(lambda: True, 300)


COCKPIT: dict[str, tuple[Act]] = {
    "cockpit-picture": (_manual(THREE, "240"),),
    "cockpit-empty": (_empty,),
    "cockpit-calm": (_manual(THREE, "1900"),),
    "cockpit-dear": (_manual(THREE, "1900", "0.1"),),
    "cockpit-small": (_manual(THREE, "60", "0.5"),),
    "cockpit-unknown": (_manual(equal_weights(["BTC", "XVS"]), "600", "2"),),
    "cockpit-never": (_manual(equal_weights(["BTC", "ETH"]), "600", "50"),),
    "cockpit-explained": (_manual(THREE, "240", explained=True),),
    "cockpit-explained-two": (_manual(equal_weights(["BTC", "ETH"]), "60", "0.5", explained=True),),
}


def _stage() -> Stage:
    return Stage(full_account())


SCREENS_OF_COCKPIT = {name: (_stage, act) for name, (act,) in COCKPIT.items()}
