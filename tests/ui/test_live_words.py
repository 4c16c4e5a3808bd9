"""What the window says about real money."""

from dataclasses import replace

from rebalancer_gui.domain.strategy import TradingMode
from rebalancer_gui.ui.live_words import teaching_words
from tests.ui.fake_live import LiveAccount
from tests.ui.sample_account import SampleAccount


def test_an_account_without_a_strategy_says_whose_money_it_would_be():
    assert "play money" in teaching_words(SampleAccount().view())
    live = LiveAccount().view()
    assert "as long as this account only watches, nothing is" in teaching_words(live)
    assert "with real money" in teaching_words(replace(live, trading=TradingMode.AUTO))
