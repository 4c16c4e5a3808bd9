"""A second start on the same data raises the first window."""

import pytest
from PySide6.QtNetwork import QLocalServer

from rebalancer_gui.ui.single_instance import SingleInstance, server_name
from tests.ui.second_start import ask_in_another_process


@pytest.fixture
def first(qapp, tmp_path):
    instance = SingleInstance(str(tmp_path))
    assert instance.begin()
    yield instance
    instance.end()


@pytest.mark.failure(47)
def test_a_second_start_is_told_to_go_and_the_first_is_asked_to_show_itself(qtbot, first, tmp_path):
    with qtbot.waitSignal(first.raiseAsked, timeout=10_000):
        second = ask_in_another_process(str(tmp_path))
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=10_000)
    assert second.returncode == 0, "the second one was not the first"


def test_another_folder_is_another_program(qtbot, first, tmp_path):
    other = SingleInstance(str(tmp_path / "other"))
    assert other.begin()
    other.end()


@pytest.mark.failure(47)
def test_what_a_crash_left_behind_does_not_keep_anybody_out(qapp, tmp_path):
    left = QLocalServer()
    assert left.listen(server_name(str(tmp_path)))
    # A server that never answers is as good as none.
    left.setMaxPendingConnections(0)
    left.close()
    instance = SingleInstance(str(tmp_path))
    assert instance.begin()
    instance.end()


def test_the_servers_name_says_nothing_about_the_folder(tmp_path):
    name = server_name("/data/of/somebody/secret")
    assert "somebody" not in name
    assert name == server_name("/data/of/somebody/secret")
    assert name != server_name("/data/of/somebody/other")
