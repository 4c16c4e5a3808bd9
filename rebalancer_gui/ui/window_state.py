"""What the window remembers between two starts, as plain JSON values. Pure: no Qt.

Whatever is wrong in what was stored is ignored: a window always opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_MAX_PIXELS = 100_000


@dataclass(frozen=True, slots=True)
class WindowState:
    """``geometry``: Qt's own record of size and place, as base64; ``splitter``: pixels of strategies and details; ``account``:
    the one that was shown; ``welcomed``: the welcome of the first start is over.
    """

    geometry: str = ""
    splitter: tuple[int, ...] = ()
    detail_tab: str = "ratios"
    create_tab: int = 0
    filter: str = "All"
    theme: str = "system"
    strategy: str = ""
    account: str = ""
    welcomed: bool = False
    coin_slots: Mapping[str, int] = field(default_factory=dict)

    def to_settings(self) -> dict[str, object]:
        """For a settings file."""
        return {
            "geometry": self.geometry,
            "splitter": list(self.splitter),
            "detail_tab": self.detail_tab,
            "create_tab": self.create_tab,
            "filter": self.filter,
            "theme": self.theme,
            "strategy": self.strategy,
            "account": self.account,
            "welcomed": self.welcomed,
            "coin_slots": dict(self.coin_slots),
        }


def window_state(settings: Mapping[str, object]) -> WindowState:
    """Read ``settings`` as :meth:`WindowState.to_settings` wrote them; what has another shape is left at its default."""
    plain = WindowState()

    def text(name: str, default: str) -> str:
        value = settings.get(name)
        return value if isinstance(value, str) else default

    create_tab = settings.get("create_tab")
    splitter = settings.get("splitter")
    slots = settings.get("coin_slots")
    return WindowState(
        geometry=text("geometry", plain.geometry),
        splitter=tuple(splitter) if isinstance(splitter, list | tuple) and all(map(_is_pixels, splitter)) else (),
        detail_tab=text("detail_tab", plain.detail_tab),
        create_tab=create_tab if _is_number(create_tab) and isinstance(create_tab, int) else plain.create_tab,
        filter=text("filter", plain.filter),
        theme=text("theme", plain.theme),
        strategy=text("strategy", plain.strategy),
        account=text("account", plain.account),
        welcomed=settings.get("welcomed") is True,
        coin_slots={asset: slot for asset, slot in slots.items() if isinstance(asset, str) and _is_number(slot)}
        if isinstance(slots, Mapping)
        else {},
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_pixels(value: object) -> bool:
    return isinstance(value, int) and _is_number(value) and 0 <= value <= _MAX_PIXELS
