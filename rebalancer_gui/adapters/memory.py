"""Python's collector of cycles walks over everything that is alive, and meanwhile nothing else of the program runs."""

from __future__ import annotations

import gc


def keep() -> None:
    """What was just loaded stays for hours: the collector need not walk over it again.

    An exchange's markets and ccxt itself are a quarter of a million objects; each walk would hold the window up for a tenth of
    a second and more.
    """
    gc.collect(1)
    gc.freeze()
