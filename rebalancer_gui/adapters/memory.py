"""Python's collector of cycles walks over everything that is alive, and meanwhile nothing else of the program runs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def keep() -> None:
    """What was just loaded stays for hours: the collector need not walk over it again.

    An exchange's markets and ccxt itself are a quarter of a million objects; each walk would hold the window up for a tenth of
    a second and more.
    """
    gc.collect(1)
    gc.freeze()


@contextmanager
def loading() -> Iterator[None]:
    """While something large that stays is loaded (ccxt, the window) the collector rests: it would walk over all of it again
    and again (of ccxt as a whole that took as long as the loading itself), and each walk holds up every thread for 50 to 200 ms.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        # Before it wakes: its first walk would be over everything that has just come.
        gc.freeze()
        if collects:
            gc.enable()
