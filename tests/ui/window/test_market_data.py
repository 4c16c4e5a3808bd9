"""Settings, page Market data: the switch counts at once, the CoinGecko key goes into the vault and is never shown."""

from collections.abc import Callable, Iterator, Mapping

import pytest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QLineEdit, QPushButton
from shiboken6 import isValid

from rebalancer_gui.application.market_data_desk import MarketDataDesk
from rebalancer_gui.application.secrets import Place
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.ui.dialogs.market_data_page import MarketDataPage
from rebalancer_gui.ui.dialogs.settings import SettingsDialog
from rebalancer_gui.ui.errands import Errands
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.theme import ColourScheme
from rebalancer_gui.ui.widgets.secret_edit import ClipboardCleaner
from tests.ui.parts import found, theme_of
from tests.ui.sample_account import SampleAccount
from tests.ui.window.test_reading import cut_texts

KEY = "CG-demo-key-of-mine-123"


class Section:
    """settings.json in memory; ``wrong`` refuses to be written."""

    def __init__(self) -> None:
        self.values: Mapping[str, object] = {}
        self.wrong = ""

    def read(self) -> Mapping[str, object]:
        return self.values

    def write(self, values: Mapping[str, object]) -> None:
        if self.wrong:
            raise EnvironmentProblem(self.wrong)
        self.values = values


class Keys:
    """A vault in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def keep(self, source: str, key: str) -> Place:
        self.kept[source] = key
        return Place.KEYRING

    def load(self, source: str, place: Place) -> str | None:
        return self.kept.get(source)

    def forget(self, source: str, place: Place) -> None:
        self.kept.pop(source, None)


class Page:
    def __init__(self, qtbot) -> None:
        self.qtbot = qtbot
        self.section, self.keys = Section(), Keys()
        self.desk = MarketDataDesk(self.section, self.keys)
        self.cleaner = ClipboardCleaner()
        self.dialog = SettingsDialog(SampleAccount().view(), ColourScheme.LIGHT, NumberFormat())
        self.page = MarketDataPage(self.desk, Errands(in_order=True), self.cleaner, self.dialog)
        self.dialog.add_page(self.page, "Market data", "marketDataScroll")
        self.dialog.finished.connect(self.page.leave)
        self.dialog.tabs.setCurrentIndex(3)
        with qtbot.waitExposed(self.dialog):
            self.dialog.show()
        qtbot.waitUntil(lambda: self.dialog.is_complete)

    def text(self, name: str) -> str:
        label = found(self.dialog, QLabel, name)
        return label.text() if label.isVisible() else ""

    def button(self, name: str) -> QPushButton:
        return found(self.dialog, QPushButton, name)

    def until(self, true: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(true)


@pytest.fixture
def page(qtbot, qapp) -> Iterator[Page]:
    theme_of(qapp)
    made = Page(qtbot)
    yield made
    if isValid(made.dialog):
        made.dialog.close()
    QApplication.processEvents()


def test_the_switch_counts_at_once_and_who_listens_is_told(page: Page):
    told: list[bool] = []
    end = page.desk.watch(lambda: told.append(page.desk.online()))
    check = found(page.dialog, QCheckBox, "marketDataOnlineCheck")
    assert check.isChecked()
    check.click()
    page.until(lambda: not page.desk.online())
    assert page.section.values == {"online": False, "coingecko_key": None}
    page.until(lambda: told == [False])
    end()
    assert MarketDataDesk(page.section, page.keys).online() is False


def test_a_key_goes_into_the_vault_and_out_of_the_field(page: Page):
    assert not page.button("coinGeckoKeySaveButton").isEnabled()
    edit = found(page.dialog, QLineEdit, "coinGeckoKeyEdit")
    assert edit.echoMode() is QLineEdit.EchoMode.Password
    edit.setText(KEY)
    page.button("coinGeckoKeySaveButton").click()
    page.until(lambda: page.text("coinGeckoKeyLabel") == "A key is kept in the system's keyring.")
    assert page.keys.kept == {"coingecko": KEY}
    assert edit.text() == ""
    assert KEY not in str(page.section.values)
    assert page.desk.load_key() == KEY
    page.button("coinGeckoKeyRemoveButton").click()
    page.until(lambda: page.text("coinGeckoKeyLabel") == "There is no key.")
    assert page.keys.kept == {}
    assert not page.button("coinGeckoKeyRemoveButton").isEnabled()


def test_what_cannot_be_a_key_is_refused_beside_the_field_and_nothing_is_kept(page: Page):
    found(page.dialog, QLineEdit, "coinGeckoKeyEdit").setText("short")
    page.button("coinGeckoKeySaveButton").click()
    page.until(lambda: "8 to 200" in page.text("coinGeckoKeyEditMessage"))
    assert page.keys.kept == {}


def test_a_switch_that_cannot_be_stored_goes_back_and_says_so(page: Page):
    page.section.wrong = "The disk is full."
    check = found(page.dialog, QCheckBox, "marketDataOnlineCheck")
    check.click()
    page.until(lambda: "The disk is full." in page.text("marketDataMessage"))
    assert check.isChecked()
    assert page.desk.online()


def test_both_sources_are_named_and_no_text_is_cut(page: Page):
    assert "CoinGecko" in page.text("marketDataCredit")
    assert "CoinPaprika" in page.text("marketDataCredit")
    assert cut_texts(page.dialog) == []


def test_settings_that_somebody_else_wrote_are_the_defaults_where_they_are_wrong():
    section = Section()
    for values in (
        {},
        {"online": "no"},
        {"coingecko_key": 5},
        {"coingecko_key": "elsewhere"},
        {"coingecko_key": "memory"},
    ):
        section.values = values
        settings = MarketDataDesk(section, Keys()).settings
        assert settings.online
        assert settings.key_place is None
