"""The tree of errors; every one carries a sentence for people, and where it helps, what to do.

RebalancerError
 |- InvalidInput(field)       form, file or command line: what is wrong and what is legal
 |   '- InvalidFile(problems)  a file that is refused whole, with all that is wrong in it
 |- EnvironmentProblem        newer file, wrong folder, no display
 |   |- AnotherInstance       the data folder is in use
 |   |- StoreUnavailable      disk full, read-only, no answer: it may pass, so it is tried again
 |   '- FileDamaged           a file contradicts itself: it is left as it is, never traded on
 |- VenueError
 |   |- VenueRejected         a proven no
 |   |- VenueUnavailable      reads only; retried with backoff
 |   |- VenueAuthError        key wrong or without the right: halts the account
 |   '- OutcomeUnknown        writes only: it may have happened, so it is resolved and never sent again
 |- RiskDenied                our own rails
 '- InvariantBroken           a bug: halt, keep everything
"""

from __future__ import annotations

from datetime import timedelta

from rebalancer_gui.domain.problems import Problem


class RebalancerError(Exception):
    """Base of all errors that people may see. ``message`` says what is wrong, ``advice`` what to do (may be empty)."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


class InvalidInput(RebalancerError):
    """Input that is refused; ``field`` is one of the names of FILES.md (``coins``, ``weights``, ``threshold`` ...)."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class InvalidFile(InvalidInput):
    """A file that is refused whole; ``problems`` (at least one) is all that is wrong with it.

    ``field`` and ``message`` are those of the first problem, with a line ``field: message`` for each further one:
    printed as ``field: message`` the error gives one line per problem.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        first, *others = problems
        super().__init__(first.field, "\n".join((first.message, *(f"{p.field}: {p.message}" for p in others))))
        self.problems = problems


class EnvironmentProblem(RebalancerError):
    """Something around the program: disk, folder, file, another instance."""


class AnotherInstance(EnvironmentProblem):
    """The data folder is in use by another run of the program (exit code 3)."""


class StoreUnavailable(EnvironmentProblem):
    """What is stored cannot be read or written now: a full disk, lost permissions, a disk that does not answer.

    Nothing of the transaction at hand was stored. It may pass: the engine holds the account and tries again.
    """


class FileDamaged(EnvironmentProblem):
    """The content of the file ``path`` contradicts itself. It was not changed; a backup or a new beginning helps."""

    def __init__(self, message: str, advice: str = "", *, path: str = "") -> None:
        super().__init__(message, advice)
        self.path = path


class VenueError(RebalancerError):
    """Base of what a venue can answer or fail to answer."""


class VenueRejected(VenueError):
    """The venue said no, and it is proven that nothing happened."""


class VenueUnavailable(VenueError):
    """A read got no usable answer; it may be tried again, after ``retry_after`` when the venue said so.

    ``retry_after``: nothing at all may be asked of this account's venue before that time has passed.
    """

    def __init__(self, message: str, advice: str = "", *, retry_after: timedelta | None = None) -> None:
        super().__init__(message, advice)
        self.retry_after = retry_after


class VenueAuthError(VenueError):
    """The key is wrong or lacks the right."""


class OutcomeUnknown(VenueError):
    """A write got no usable answer: it may have happened."""


class RiskDenied(RebalancerError):
    """One of our own rails said no; nothing was sent."""


class InvariantBroken(RebalancerError):
    """A bug of ours was noticed: halt, send nothing, keep everything."""
