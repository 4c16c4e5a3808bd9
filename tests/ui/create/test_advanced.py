"""Section 4 of the Manual page: trigger price, stop-loss, take-profit, Sell all on stop."""

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QPushButton, QToolButton

from rebalancer_gui.application import commands as c
from rebalancer_gui.application import events as e
from rebalancer_gui.domain.strategy import Basis, Level, State, Trigger
from rebalancer_gui.ui.formatting import NumberFormat, NumberMarks
from tests.ui.create.conftest import Desk, make_desk, start
from tests.ui.fake_engine import FakeEngine
from tests.ui.parts import found

BTC = "BTC/USDT"


@pytest.fixture
def form(desk: Desk) -> Desk:
    """Three coins, 240 USDT, and section 4 open."""
    desk.fill()
    desk.find(QToolButton, "advancedGroup").click()
    QApplication.processEvents()
    return desk


def fold(desk: Desk) -> QToolButton:
    return desk.find(QToolButton, "advancedGroup")


def choose(desk: Desk, combo: str, text: str) -> None:
    box = desk.combo(combo)
    assert box.findText(text) >= 0, [box.itemText(i) for i in range(box.count())]
    box.setCurrentText(text)


def sent(desk: Desk) -> c.CreateStrategy:
    desk.confirm()
    command: c.CreateStrategy = desk.taken(c.CreateStrategy)[0]
    return command


def test_the_section_is_folded_until_it_is_opened(desk: Desk):
    assert not desk.find(QLineEdit, "triggerPriceEdit").isVisible()
    assert "trigger, stop-loss, take-profit" in desk.manual.advanced._summary.text()
    fold(desk).click()
    assert desk.find(QLineEdit, "triggerPriceEdit").isVisible()
    assert desk.find(QCheckBox, "sellAllOnStopCheck").isVisible()


def test_without_levels_none_is_sent(form: Desk):
    p = sent(form).parameters
    assert (p.trigger, p.stop_loss, p.take_profit) == (None, None, None)


@pytest.mark.rule("6.4")
def test_the_form_says_that_nothing_rests_on_the_exchange(form: Desk):
    words = form.text("advancedNote")
    for said in ("engine watches", "nothing rests on the exchange", "closed, asleep or offline", "do not fire"):
        assert said in words
    assert "3 good quotes in a row, at least 2 s apart" in words


def test_a_trigger_is_sent_with_its_symbol_and_the_strategy_waits(form: Desk):
    form.type("triggerPriceEdit", "100000")
    p = sent(form).parameters
    assert p.trigger == Trigger(BTC, Decimal(100_000))
    assert form.engine.account.strategies[-1].state is State.WAITING


@pytest.mark.rule("6.1")
@pytest.mark.parametrize(
    ("price", "says"),
    (
        ("100000", "Starts when BTC/USDT \u2265\u00a0100,000.00\u00a0USDT, reached from below."),
        ("90000", "Starts when BTC/USDT \u2264\u00a090,000.00\u00a0USDT, reached from above."),
    ),
)
def test_the_side_from_which_a_trigger_is_waited_for_is_said_beside_the_present_price(
    form: Desk, price: str, says: str
):
    assert form.text("triggerPriceMessage") == "Empty: it starts at once."
    form.type("triggerPriceEdit", price)
    assert form.text("triggerPriceNowLabel") == "BTC/USDT is at 96,418.20\u00a0USDT"
    assert form.text("triggerPriceMessage").startswith(says)


@pytest.mark.rule("6.2b")
def test_levels_on_the_return_are_sent_as_such(form: Desk):
    form.type("stopLossEdit", "-20")
    form.type("takeProfitEdit", "50")
    assert form.text("stopLossMessage") == "Ends it when its time-weighted return \u2264\u00a0\u221220\u00a0%."
    assert form.text("takeProfitMessage") == "Ends it when its time-weighted return \u2265\u00a050\u00a0%."
    p = sent(form).parameters
    assert p.stop_loss == Level(Basis.RETURN, Decimal(-20))
    assert p.take_profit == Level(Basis.RETURN, Decimal(50))


@pytest.mark.rule("6.2")
def test_levels_on_a_price_of_any_symbol_are_sent_with_it(form: Desk):
    choose(form, "stopLossBasisCombo", "price of BTC/USDT")
    form.type("stopLossEdit", "80000")
    choose(form, "takeProfitBasisCombo", "price of DOGE/USDT")
    form.type("takeProfitEdit", "0.5")
    assert form.text("stopLossMessage") == "Ends it when BTC/USDT \u2264\u00a080,000.00\u00a0USDT."
    assert form.text("takeProfitNowLabel") == "DOGE/USDT is at 0.31415\u00a0USDT"
    p = sent(form).parameters
    assert p.stop_loss == Level(Basis.PRICE, Decimal(80_000), BTC)
    assert p.take_profit == Level(Basis.PRICE, Decimal("0.5"), "DOGE/USDT")


def test_the_strategys_own_symbols_come_first_and_every_other_can_be_chosen(form: Desk):
    box = form.combo("triggerSymbolCombo")
    texts = [box.itemText(i) for i in range(box.count())]
    assert texts[:3] == [BTC, "ETH/USDT", "SOL/USDT"]
    assert set(texts) == set(form.engine.rules)
    basis = form.combo("stopLossBasisCombo")
    assert [basis.itemText(i) for i in range(2)] == ["on the return, %", "price of BTC/USDT"]


def test_the_first_coin_is_looked_at_until_a_price_is_typed(desk: Desk):
    desk.add("ETH", "SOL")
    fold(desk).click()
    assert desk.combo("triggerSymbolCombo").currentText() == "ETH/USDT"
    desk.type("triggerPriceEdit", "3000")
    desk.manual.allocating.put(desk.manual.draft.allocation.without("ETH"))
    assert desk.combo("triggerSymbolCombo").currentText() == "ETH/USDT"
    assert desk.manual.draft.trigger == Trigger("ETH/USDT", Decimal(3000))


@pytest.mark.rule("6.5")
@pytest.mark.parametrize(
    ("basis", "edit", "typed", "field", "says"),
    (
        (
            "triggerSymbolCombo: BTC/USDT",
            "triggerPriceEdit",
            "96418.20",
            "triggerPriceMessage",
            "is at 96418.2 USDT now",
        ),
        (
            "stopLossBasisCombo: price of BTC/USDT",
            "stopLossEdit",
            "97000",
            "stopLossMessage",
            "below the present 96418.2",
        ),
        (
            "takeProfitBasisCombo: price of BTC/USDT",
            "takeProfitEdit",
            "90000",
            "takeProfitMessage",
            "above the present 96",
        ),
        ("stopLossBasisCombo: on the return, %", "stopLossEdit", "20", "stopLossMessage", "present return of 0 %"),
        ("stopLossBasisCombo: on the return, %", "stopLossEdit", "-100", "stopLossMessage", "above -100 %"),
        ("takeProfitBasisCombo: on the return, %", "takeProfitEdit", "0", "takeProfitMessage", "would fire at once"),
    ),
)
def test_a_level_that_would_fire_at_once_is_refused_with_the_present_figure(
    form: Desk, basis: str, edit: str, typed: str, field: str, says: str
):
    combo, choice = basis.split(": ")
    choose(form, combo, choice)
    form.type(edit, typed)
    assert says in form.text(field)
    assert form.find(QLineEdit, edit).property("state") == "error"
    assert form.find(QLineEdit, edit).text() == typed
    assert not form.create.isEnabled()
    assert form.create.toolTip() == form.text(field) == form.text("formMessage")


@pytest.mark.rule("6.5")
def test_a_stop_loss_on_the_triggers_symbol_is_judged_at_the_triggers_price(form: Desk):
    form.type("triggerPriceEdit", "90000")
    choose(form, "stopLossBasisCombo", "price of BTC/USDT")
    form.type("stopLossEdit", "95000")
    assert "the trigger price of 90000 USDT" in form.text("stopLossMessage")
    form.type("stopLossEdit", "85000")
    assert form.create.isEnabled()


def test_a_price_that_moves_beyond_a_level_marks_it_at_once(form: Desk):
    choose(form, "takeProfitBasisCombo", "price of BTC/USDT")
    form.type("takeProfitEdit", "100000")
    assert form.create.isEnabled()
    form.engine.account.prices["BTC"] = Decimal(101_000)
    form.update()
    assert "above the present 101000 USDT" in form.text("takeProfitMessage")
    assert not form.create.isEnabled()
    assert form.find(QLineEdit, "takeProfitEdit").text() == "100000"


def test_levels_are_judged_before_the_rest_of_the_form_is_filled_in(desk: Desk):
    fold(desk).click()
    desk.type("takeProfitEdit", "-5")
    assert "would fire at once" in desk.text("takeProfitMessage")


def test_a_trigger_that_is_no_price_is_refused_in_place(form: Desk):
    for typed in ("abc", "1e5", "NaN", "0", "-5"):
        form.type("triggerPriceEdit", typed)
        assert form.text("triggerPriceMessage") not in ("", "Empty: it starts at once."), typed
        assert form.find(QLineEdit, "triggerPriceEdit").property("state") == "error", typed
        assert not form.create.isEnabled(), typed
        form.type("triggerPriceEdit", "")
        assert form.text("triggerPriceMessage") == "Empty: it starts at once.", typed
        assert form.create.isEnabled(), typed


def test_a_percentage_does_not_become_a_price(form: Desk):
    form.type("stopLossEdit", "-20")
    choose(form, "stopLossBasisCombo", "price of ETH/USDT")
    assert form.find(QLineEdit, "stopLossEdit").text() == ""
    assert form.manual.draft.stop_loss is None
    assert form.manual.advanced.form.stop_loss.edit.unit() == "USDT"


def test_a_symbol_without_a_price_says_so(form: Desk):
    del form.engine.account.prices["XVS"]
    form.update()
    choose(form, "triggerSymbolCombo", "XVS/USDT")
    form.type("triggerPriceEdit", "9")
    assert form.text("triggerPriceNowLabel") == "XVS/USDT has no price now"
    assert "XVS/USDT has no price on this account now" in form.text("triggerPriceMessage")


def test_folded_the_title_says_what_is_set(form: Desk):
    form.type("triggerPriceEdit", "100000")
    form.type("stopLossEdit", "-20")
    assert form.manual.advanced._summary.text() == ""
    fold(form).click()
    assert form.manual.advanced._summary.text() == (
        "trigger BTC/USDT \u2265\u00a0100,000.00\u00a0USDT; stop-loss return \u2264\u00a0\u221220\u00a0%"
    )


def test_a_refused_level_opens_the_section_and_stands_beside_its_field(form: Desk):
    form.type("takeProfitEdit", "50")
    fold(form).click()
    form.create.click()
    form.answer()
    found(form.dialog("planPreviewDialog"), QPushButton, "confirmButton").click()
    (command,) = form.waiting
    form.waiting.clear()
    form.feed.take(e.CommandRejected(command.command_id, "The take-profit would fire at once.", "take_profit"))
    QApplication.processEvents()
    assert form.manual.advanced.is_open()
    assert form.text("takeProfitMessage") == "The take-profit would fire at once."


def test_after_create_no_level_is_left(form: Desk):
    form.type("triggerPriceEdit", "100000")
    form.type("stopLossEdit", "-20")
    form.find(QCheckBox, "sellAllOnStopCheck").click()
    form.confirm()
    assert form.find(QLineEdit, "triggerPriceEdit").text() == ""
    assert form.find(QLineEdit, "stopLossEdit").text() == ""
    assert not form.find(QCheckBox, "sellAllOnStopCheck").isChecked()
    assert not form.manual.advanced.is_open()


def test_a_draft_with_levels_from_elsewhere_is_shown_and_sent_as_it_is(desk: Desk):
    desk.fill()
    levels = replace(
        desk.manual.draft,
        trigger=Trigger("ETH/USDT", Decimal(3000)),
        stop_loss=Level(Basis.PRICE, Decimal(150), "SOL/USDT"),
        take_profit=Level(Basis.RETURN, Decimal("12.5")),
        sell_all_on_stop=True,
    )
    desk.manual.fill(levels)
    assert desk.manual.advanced.is_open()
    assert desk.combo("triggerSymbolCombo").currentText() == "ETH/USDT"
    assert desk.combo("stopLossBasisCombo").currentText() == "price of SOL/USDT"
    p = sent(desk).parameters
    assert (p.trigger, p.stop_loss, p.take_profit) == (levels.trigger, levels.stop_loss, levels.take_profit)
    assert p.sell_all_on_stop


def test_with_a_decimal_comma_levels_are_typed_and_told_with_it(qtbot, qapp):
    desk = make_desk(qtbot, qapp, FakeEngine, NumberFormat(NumberMarks(",", ".")))
    start(desk)
    desk.panel.show_manual()
    desk.fill()
    fold(desk).click()
    choose(desk, "takeProfitBasisCombo", "price of DOGE/USDT")
    desk.type("takeProfitEdit", "0,2")
    assert "above the present 0,31415 USDT" in desk.text("takeProfitMessage")
    desk.type("takeProfitEdit", "0,4")
    assert desk.manual.draft.take_profit == Level(Basis.PRICE, Decimal("0.4"), "DOGE/USDT")


@pytest.mark.parametrize("width", (360, 392))
def test_nothing_is_cut_in_the_panels_two_widths(form: Desk, width: int):
    form.root.resize(width, 620)
    form.panel.setFixedWidth(width)
    choose(form, "stopLossBasisCombo", "price of DOGE/USDT")
    form.update()
    assert form.manual.advanced.form.minimumSizeHint().width() <= width - 32
    for name in ("stopLossBasisCombo", "triggerSymbolCombo"):
        box = form.combo(name)
        assert box.fontMetrics().horizontalAdvance(box.currentText()) + 40 <= box.width()
