"""Blocking calls beside the loop: in a thread that nobody waits for for ever, also not at the end of the program."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TypeVar

from rebalancer_gui.application.notices import NotSent
from rebalancer_gui.domain.errors import RebalancerError

T = TypeVar("T")


async def in_thread(seconds: float, do: Callable[[], T], name: str) -> T:
    """``do()`` in a daemon thread. NotSent when it takes longer than ``seconds`` (the thread is left behind) or ends in a way
    that is not known (the thread tells how); raises the RebalancerError that it raises.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def give(found: list[T], wrong: list[RebalancerError]) -> None:
        if answer.done():
            return
        if found:
            answer.set_result(found[0])
        else:
            answer.set_exception(wrong[0] if wrong else NotSent("it failed in a way that is not known."))

    def run() -> None:
        found: list[T] = []
        wrong: list[RebalancerError] = []
        try:
            found.append(do())
        except RebalancerError as error:
            wrong.append(error)
        finally:
            # The loop may have ended meanwhile: then nobody wants the answer.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(give, found, wrong)

    Thread(target=run, name=name, daemon=True).start()
    try:
        return await asyncio.wait_for(answer, seconds)
    except TimeoutError:
        raise NotSent(f"it did not answer within {seconds:.0f} seconds.") from None
