"""``rebalancer-gui``: the window. Exit codes: 0 done, 1 failed, 2 bad input, 3 another instance without a window.

Something is on the screen before the program is imported, which takes longer than all else of its start: nothing heavy is
imported here.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

_WITHOUT = frozenset({"--minimised", "--version", "--help", "-h"})
"""With these no window opens, or not at once."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window; a second start on the same data raises the first window and ends."""
    words = tuple(sys.argv[1:] if arguments is None else arguments)
    opening = None
    if not _WITHOUT.intersection(words):
        from rebalancer_gui.ui.opening import show_opening

        opening = show_opening()
        opening.leave_when_started()
    from rebalancer_gui.adapters.memory import loading

    with loading():
        from rebalancer_gui.windowed import run

    try:
        return run(words)
    finally:
        if opening is not None:
            opening.close()


if __name__ == "__main__":
    sys.exit(main())
