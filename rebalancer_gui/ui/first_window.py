"""Before there is a window: whether another one runs on the same data.

No text is imported here: the root asks this first, then chooses the language, then imports the window.
"""

from __future__ import annotations

from rebalancer_gui.ui.one_application import make_application
from rebalancer_gui.ui.single_instance import SingleInstance


def is_first_window(data_dir_key: str) -> SingleInstance | None:
    """Who listens for later starts on the same data; None: another window runs and was asked to show itself.

    ``data_dir_key`` names the data folder. Makes the QApplication.
    """
    instance = SingleInstance(data_dir_key, make_application())
    return instance if instance.begin() else None
