"""The colours of the program, once: two frozen values `LIGHT` and `DARK`, and the arithmetic of colours.

No Qt in here and no colour anywhere else in `ui`: palette, style sheet, delegates and plots all read a `Tokens`.
The figures come from the design's token table, where each pair's contrast was measured; tests/ui/test_tokens.py
measures them again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class Ink(StrEnum):
    """What a text or icon means; the theme turns it into the colour of the day. The value is the token's name."""

    TEXT = "text"
    TEXT2 = "text2"
    TEXT3 = "text3"
    ACCENT = "accent"
    ON_ACCENT = "on_accent"
    GAIN = "gain"
    LOSS = "loss"
    WARN = "warn"
    INFO = "info"
    ON_PAPER = "on_paper"
    ON_LIVE = "on_live"
    DISABLED = "disabled_text"


@dataclass(frozen=True, slots=True)
class CoinColour:
    """One slot of the coin palette: the fill, and the label colour that reads best on it."""

    name: str
    fill: str
    label: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """All colours of one theme as `#RRGGBB`. Names are those of the token table, dashes as underscores."""

    name: str
    is_dark: bool
    window: str
    surface: str
    alt: str
    control: str
    border: str
    edge: str
    grid: str
    track: str
    text: str
    text2: str
    text3: str
    accent: str
    accent_hover: str
    on_accent: str
    select: str
    gain: str
    loss: str
    warn: str
    warn_bg: str
    warn_line: str
    danger_bg: str
    danger_line: str
    info: str
    info_bg: str
    info_line: str
    zone: str
    zone_mark: str
    hodl: str
    paper: str
    paper_line: str
    on_paper: str
    live: str
    on_live: str
    disabled_bg: str
    disabled_text: str
    heat_better: str
    heat_worse: str
    coins: tuple[CoinColour, ...]

    def ink(self, ink: Ink) -> str:
        """The colour of a meaning, as `#RRGGBB`."""
        colour: str = getattr(self, ink.value)
        return colour

    def coin(self, slot: int | None) -> CoinColour:
        """The colours of a coin slot 1 to 10; `None` is the quote asset's cash, which is grey."""
        if slot is None:
            return CoinColour("cash", self.text3, self.surface if self.is_dark else self.on_accent)
        return self.coins[slot - 1]

    @property
    def control_hover(self) -> str:
        return mix(self.control, self.text, 0.06)

    @property
    def control_pressed(self) -> str:
        return mix(self.control, self.text, 0.12)

    @property
    def danger_pressed(self) -> str:
        """Less than other buttons: at 12 % red text on dark falls under 4.5 : 1."""
        return mix(self.control, self.text, 0.09)

    @property
    def accent_pressed(self) -> str:
        return mix(self.accent, _BLACK, 0.22)

    def heat(self, points: float, limit: float) -> tuple[str, str]:
        """Fill and label of a heat-map cell: `points` a year against HODL, `limit` > 0 the end of the scale (pp)."""
        share = min(1.0, abs(points) / limit) * 0.92
        fill = mix(self.alt, self.heat_better if points >= 0 else self.heat_worse, share)
        return fill, label_on(fill)


_BLACK = "#000000"
_WHITE = "#FFFFFF"

LIGHT = Tokens(
    name="light",
    is_dark=False,
    window="#EEF0F3",
    surface="#FFFFFF",
    alt="#F6F7F9",
    control="#FFFFFF",
    border="#D3D8DF",
    edge="#7A8494",
    grid="#E3E7EC",
    track="#E3E7EC",
    text="#18202B",
    text2="#475263",
    text3="#5D6878",
    accent="#2457C5",
    accent_hover="#1D49A8",
    on_accent="#FFFFFF",
    select="#E1EAFB",
    gain="#0A7040",
    loss="#B3261E",
    warn="#7A4A00",
    warn_bg="#FFF3D6",
    warn_line="#D9A441",
    danger_bg="#FDECEA",
    danger_line="#D97A72",
    info="#1F4FA8",
    info_bg="#E8EFFC",
    info_line="#9DB8E8",
    zone="#F6E3BC",
    zone_mark="#9A6700",
    hodl="#838D9B",
    paper="#F2B134",
    paper_line="#9A6700",
    on_paper="#2A1B00",
    live="#C4161C",
    on_live="#FFFFFF",
    disabled_bg="#E7EAEE",
    disabled_text="#5D6878",
    heat_better="#1D56B8",
    heat_worse="#B35A00",
    coins=(
        CoinColour("blue", "#3342A6", "#FFFFFF"),
        CoinColour("amber", "#BF8313", "#000000"),
        CoinColour("teal", "#018E8B", "#000000"),
        CoinColour("magenta", "#8F2B76", "#FFFFFF"),
        CoinColour("gold", "#8C6E21", "#FFFFFF"),
        CoinColour("violet", "#400E88", "#FFFFFF"),
        CoinColour("green", "#6A9E62", "#000000"),
        CoinColour("brick", "#A32813", "#FFFFFF"),
        CoinColour("sky", "#2071A3", "#FFFFFF"),
        CoinColour("slate", "#3E414D", "#FFFFFF"),
    ),
)

DARK = Tokens(
    name="dark",
    is_dark=True,
    window="#12151A",
    surface="#1B2028",
    alt="#212730",
    control="#262D37",
    border="#323A46",
    edge="#737F90",
    grid="#2A313C",
    track="#2C343F",
    text="#E7EAF0",
    text2="#B7C0CC",
    text3="#98A3B2",
    accent="#7FAAFF",
    accent_hover="#9DBEFF",
    on_accent="#0B1426",
    select="#24365A",
    gain="#55C98F",
    loss="#FF8A80",
    warn="#F3C66B",
    warn_bg="#332914",
    warn_line="#80642A",
    danger_bg="#3A1D1B",
    danger_line="#94463F",
    info="#9DBEFF",
    info_bg="#1C2A44",
    info_line="#3D5A92",
    zone="#4A3C1C",
    zone_mark="#D9A441",
    hodl="#98A3B2",
    paper="#F2B134",
    paper_line="#9A6700",
    on_paper="#2A1B00",
    live="#D4282F",
    on_live="#FFFFFF",
    disabled_bg="#2A303A",
    disabled_text="#98A3B2",
    heat_better="#5C97F5",
    heat_worse="#E08A3C",
    coins=(
        CoinColour("blue", "#728BF6", "#000000"),
        CoinColour("amber", "#CEA46A", "#000000"),
        CoinColour("teal", "#218B88", "#000000"),
        CoinColour("magenta", "#EF88D1", "#000000"),
        CoinColour("gold", "#FAC641", "#000000"),
        CoinColour("violet", "#7B67BE", "#FFFFFF"),
        CoinColour("green", "#AAE2A1", "#000000"),
        CoinColour("brick", "#BE5B49", "#000000"),
        CoinColour("sky", "#4CB8FE", "#000000"),
        CoinColour("slate", "#9396A0", "#000000"),
    ),
)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(base: str, other: str, share: float) -> str:
    """`base` with `share` (0 to 1) of `other`, mixed linearly in sRGB."""
    mixed = (round(a + (b - a) * share) for a, b in zip(_channels(base), _channels(other), strict=True))
    return "#" + "".join(f"{channel:02X}" for channel in mixed)


def luminance(colour: str) -> float:
    """Relative luminance 0 to 1 (WCAG 2.2, "relative luminance")."""

    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.04045 else math.pow((value + 0.055) / 1.055, 2.4)

    red, green, blue = (linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio 1 to 21 (WCAG 2.2, "contrast ratio")."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def label_on(fill: str) -> str:
    """White or black, whichever contrasts more with `fill` (never under 4.5 : 1, whatever the fill)."""
    return max((_WHITE, _BLACK), key=lambda label: contrast(label, fill))


def heat_limit(points: list[float]) -> float:
    """End of the heat map's scale in pp: the next 0.5 above the 95th percentile (nearest rank) of the magnitudes."""
    magnitudes = sorted(abs(value) for value in points)
    if not magnitudes:
        return 0.5
    rank = max(0, -(-95 * len(magnitudes) // 100) - 1)
    return (math.floor(magnitudes[rank] / 0.5) + 1) * 0.5
