"""A log record of WARNING or worse fails the test, unless the test says that it provokes it."""

import contextlib
import logging
import re
from collections.abc import Iterator, Sequence

import pytest


class _Keeper(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@contextlib.contextmanager
def unexpected_fails(patterns: Sequence[str]) -> Iterator[None]:
    """`patterns` come from `@pytest.mark.expect_log("...")`; each is searched for, and each must be found."""
    keeper = _Keeper()
    root = logging.getLogger()
    root.addHandler(keeper)
    try:
        yield
    finally:
        root.removeHandler(keeper)
    unexpected = [text for text in keeper.texts if not any(re.search(pattern, text) for pattern in patterns)]
    if unexpected:
        pytest.fail("Logged without being expected (@pytest.mark.expect_log):\n" + "\n".join(unexpected), pytrace=False)
    absent = [pattern for pattern in patterns if not any(re.search(pattern, text) for text in keeper.texts)]
    if absent:
        pytest.fail(f"Expected in the log, but nothing matched: {absent}; logged: {keeper.texts}", pytrace=False)
