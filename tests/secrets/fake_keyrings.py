"""Keyrings of tests. Their module and class names are made to be those of real backends where that is what counts."""

from __future__ import annotations


class FakeKeyring:
    """A keyring in memory; ``fails`` is raised by every call, ``longest`` is what Windows takes."""

    def __init__(self, fails: BaseException | None = None, longest: int = 1280) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.fails = fails
        self.longest = longest
        self.forgets_what_is_written = False

    def _look(self) -> None:
        if self.fails is not None:
            raise self.fails

    def get_password(self, service: str, username: str) -> str | None:
        self._look()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._look()
        assert username
        assert len(password.encode("utf-16-le")) // 2 <= self.longest
        if not self.forgets_what_is_written:
            self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._look()
        del self.entries[service, username]


def called(name: str, backends: tuple[object, ...] = ()) -> object:
    """A keyring of the class ``name``, such as ``keyring.backends.null.Keyring``; ``backends`` make it a chain."""
    module, _, class_name = name.rpartition(".")
    kind = type(class_name, (FakeKeyring,), {"__module__": module, "__qualname__": class_name})
    made = kind()
    if backends:
        made.backends = list(backends)
    return made
