"""How numbers and times are written on the screen, for screen readers and for files. Pure: no Qt.

    numbers = NumberFormat(NumberMarks(decimal=".", group=","))     # or locale_numbers.system_numbers()
    numbers.fixed(Decimal("4171.38"))                               # 4,171.38
    numbers.signed(Decimal("-3.7"), unit="%")                       # U+2212 3.70 %
    numbers.spoken(Decimal("-3.7"), unit="percent", signed=True)    # minus 3.70 percent
    plain_ascii(Decimal("-3.70"))                                   # -3.70, for TSV and CSV

Signs: U+2212 is the minus sign; a change shows + or minus, except on a value that rounds to zero. What is missing is
`MISSING`, an en dash; the reason stands beside it. Rounding is half to even and never depends on the thread's decimal
context.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal

from rebalancer_gui.ui.translation import tr

MINUS = "\u2212"
MISSING = "\u2013"
NO_BREAK_SPACE = "\u00a0"


@dataclass(frozen=True, slots=True)
class NumberMarks:
    """The decimal mark and the group mark of a locale; an empty group mark means that no groups are written."""

    decimal: str = "."
    group: str = ","

    def __post_init__(self) -> None:
        if len(self.decimal) != 1 or len(self.group) > 1 or self.decimal == self.group:
            raise ValueError(f"marks must be two different characters, not {self.decimal!r} and {self.group!r}")


def rounded(value: Decimal, places: int) -> Decimal:
    """`value` with exactly `places` decimals, half to even; raises ValueError for NaN and infinities."""
    if not value.is_finite():
        raise ValueError(f"{value} cannot be shown as a number")
    room = Context(prec=max(1, value.adjusted() + places + 2), rounding=ROUND_HALF_EVEN)
    result = value.quantize(Decimal(1).scaleb(-places), context=room)
    return result.copy_abs() if result.is_zero() else result


def plain_ascii(value: Decimal | None, places: int | None = None) -> str:
    """For TSV and CSV: ASCII minus, a point, no groups, no exponent; as many decimals as `value` has unless told.

    A missing value is an empty field.
    """
    if value is None:
        return ""
    return format(value if places is None else rounded(value, places), "f")


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """Writes Decimals for people with the marks of one locale. Every method is exact and needs no float."""

    marks: NumberMarks = NumberMarks()

    def fixed(self, value: Decimal | None, places: int = 2, unit: str = "") -> str:
        """`value` with `places` decimals, grouped: `4,171.38`, with a unit `4,171.38 USDT`; missing: an en dash.

        The space before the unit does not break.
        """
        if value is None:
            return MISSING
        return self._with_unit(self._digits(rounded(value, places)), unit)

    def signed(self, value: Decimal | None, places: int = 2, unit: str = "") -> str:
        """Like `fixed` for a change: plus or minus is always shown, none on what rounds to zero."""
        if value is None:
            return MISSING
        shown = rounded(value, places)
        return self._with_unit(("+" if shown > 0 else "") + self._digits(shown), unit)

    def money(self, value: Decimal | None, asset: str = "", places: int = 2) -> str:
        """An amount of money: `1,900.00 USDT`."""
        return self.fixed(value, places, asset)

    def percent(self, value: Decimal | None, places: int = 2) -> str:
        """A share given in percent (`Decimal(5)` is 5 %): `43.11 %`."""
        return self.fixed(value, places, "%")

    def change_percent(self, value: Decimal | None, places: int = 2) -> str:
        """A change given in percent: `+4.28 %`."""
        return self.signed(value, places, "%")

    def points(self, value: Decimal | None, places: int = 2, unit: str = "") -> str:
        """A drift in percentage points: `+3.11`, with unit `+3.11 pp`."""
        return self.signed(value, places, unit)

    def quantity(self, value: Decimal | None, step: Decimal | None = None, unit: str = "") -> str:
        """A quantity of coins: as many decimals as `step` has (`0.3650` on 0.0001), without step all it has."""
        if value is None:
            return MISSING
        return self.fixed(value, places_of(value if step is None else step), unit)

    def price(self, value: Decimal | None, tick: Decimal | None = None, unit: str = "") -> str:
        """A price: at least two decimals, more where `tick` (or, without one, the price itself) has more."""
        if value is None:
            return MISSING
        return self.fixed(value, max(2, places_of(value if tick is None else tick)), unit)

    def spoken(
        self, value: Decimal | None, places: int = 2, unit: str = "", *, signed: bool = False, missing: str = ""
    ) -> str:
        """For screen readers: words for signs, no groups: `minus 3.70 percent`, `plus 3.11 points`."""
        if value is None:
            return missing or tr("unknown")
        shown = rounded(value, places)
        sign = tr("minus ") if shown < 0 else tr("plus ") if signed and shown > 0 else ""
        digits = format(shown.copy_abs(), "f").replace(".", self.marks.decimal)
        return f"{sign}{digits} {unit}".rstrip()

    def _digits(self, shown: Decimal) -> str:
        whole, _, fraction = format(shown.copy_abs(), "f").partition(".")
        if self.marks.group:
            head = len(whole) % 3
            groups = ([whole[:head]] if head else []) + [whole[i : i + 3] for i in range(head, len(whole), 3)]
            whole = self.marks.group.join(groups)
        text = f"{whole}{self.marks.decimal}{fraction}" if fraction else whole
        return MINUS + text if shown < 0 else text

    @staticmethod
    def _with_unit(digits: str, unit: str) -> str:
        return f"{digits}{NO_BREAK_SPACE}{unit}" if unit else digits


def places_of(value: Decimal) -> int:
    """How many decimals `value` needs, trailing zeros not counted: 2 for 0.0100, 0 for 500."""
    if not value.is_finite():
        raise ValueError(f"{value} cannot be shown as a number")
    _, _, fraction = format(value, "f").partition(".")
    return len(fraction.rstrip("0"))


def utc_clock(at: datetime | None) -> str:
    """`14:32:10`, the time of day in UTC; missing: an en dash."""
    return MISSING if at is None else f"{_utc(at):%H:%M:%S}"


def utc_moment(at: datetime | None) -> str:
    """`22 Nov 06:00 UTC`."""
    return MISSING if at is None else tr("{day} {clock} UTC", day=_day(at), clock=f"{_utc(at):%H:%M}")


def utc_date(at: datetime | None) -> str:
    """`22 Nov 2026`, the day in UTC."""
    return MISSING if at is None else tr("{day} {year}", "date", day=_day(at), year=f"{_utc(at).year:04d}")


def axis_day(at: datetime) -> str:
    """`22 Nov`, the day in UTC under a plot."""
    return _day(at)


def axis_month(at: datetime, *, year: bool) -> str:
    """`Nov`, or with its year `Nov 2026`, the month in UTC under a plot."""
    moment = _utc(at)
    month = _month(moment.month)
    return tr("{month} {year}", "date", month=month, year=moment.year) if year else month


def utc_stamp(at: datetime | None) -> str:
    """`2026-11-22 14:32:10`, for the time column of a history, in UTC."""
    return MISSING if at is None else f"{_utc(at):%Y-%m-%d %H:%M:%S}"


def utc_iso(at: datetime | None) -> str:
    """`2026-11-22T14:32:10Z` for files, with microseconds where there are some; missing: an empty field."""
    return "" if at is None else _utc(at).isoformat().replace("+00:00", "Z")


def age(span: timedelta, decimal: str = ".") -> str:
    """How old something is, in its largest unit: `0.4 s`, `14 s`, `3 min`, `5 h`, `3 days`; never negative.

    `decimal`: the decimal mark of the tenths.
    """
    seconds = max(timedelta(0), span)
    if seconds < timedelta(seconds=10):
        tenths = seconds // timedelta(milliseconds=100)
        return f"{tenths // 10}{decimal}{tenths % 10} s"
    days = seconds // timedelta(days=1)
    if days:
        return tr("1 day") if days == 1 else tr("{count} days", count=days)
    for unit, name in ((timedelta(hours=1), "h"), (timedelta(minutes=1), "min")):
        count = seconds // unit
        if count:
            return f"{count} {name}"
    return f"{seconds // timedelta(seconds=1)} s"


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time without time zone cannot be shown in UTC")
    return at.astimezone(UTC)


def _day(at: datetime) -> str:
    # Not strftime's %b: that follows the C library's locale, the rest of the window is in the chosen language.
    moment = _utc(at)
    return tr("{day} {month}", "date", day=moment.day, month=_month(moment.month))


def _month(number: int) -> str:
    names = (
        tr("Jan", "month"),
        tr("Feb", "month"),
        tr("Mar", "month"),
        tr("Apr", "month"),
        tr("May", "month"),
        tr("Jun", "month"),
        tr("Jul", "month"),
        tr("Aug", "month"),
        tr("Sep", "month"),
        tr("Oct", "month"),
        tr("Nov", "month"),
        tr("Dec", "month"),
    )
    return names[number - 1]
