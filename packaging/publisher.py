"""Who publishes the packages, as `publisher.toml` says."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from private_env import ROOT, SetupProblem

FILE = ROOT / "packaging" / "publisher.toml"
_ID = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+){2,}")
_MAINTAINER = re.compile(r"[^<>\n]+ <[^<>@\s]+@[^<>@\s]+\.[a-z]+>")
_HOMEPAGE = re.compile(r"https://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Publisher:
    """`appstream_id` and `maintainer` are those of the packages; `homepage` is "" where there is none."""

    appstream_id: str
    maintainer: str
    developer: str
    homepage: str

    @property
    def is_placeholder(self) -> bool:
        """Whether nobody has said who publishes it."""
        return self.appstream_id.startswith("local.") or self.maintainer.endswith("@localhost.localdomain>")

    @property
    def metainfo(self) -> str:
        """The name of the AppStream file."""
        return f"{self.appstream_id}.metainfo.xml"

    def filled_in(self, metainfo: str) -> str:
        """The AppStream template with what is the publisher's."""
        link = f'\n  <url type="homepage">{escape(self.homepage)}</url>' if self.homepage else ""
        filled = metainfo.replace("@ID@", self.appstream_id).replace("@DEVELOPER@", escape(self.developer))
        return filled.replace("@HOMEPAGE@", link)


def read(file: Path = FILE) -> Publisher:
    """SetupProblem where something is missing, unknown or not as the packages want it."""
    found = tomllib.loads(file.read_text("utf-8"))
    try:
        publisher = Publisher(**found)
    except TypeError as error:
        raise SetupProblem(f"{file.name} names appstream_id, maintainer, developer and homepage: {error}") from error
    for name, pattern, legal in (
        ("appstream_id", _ID, "a domain name backwards and a name, such as org.example.rebalancer"),
        ("maintainer", _MAINTAINER, "a name and an address, such as Ann Example <ann@example.org>"),
        ("homepage", re.compile(f"|{_HOMEPAGE.pattern}"), "an https address, or empty"),
    ):
        if not pattern.fullmatch(getattr(publisher, name)):
            raise SetupProblem(f"{file.name}: {name} is {getattr(publisher, name)!r}; it has to be {legal}.")
    if not publisher.developer.strip():
        raise SetupProblem(f"{file.name}: developer is empty; software centres show it.")
    return publisher
