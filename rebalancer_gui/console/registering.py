"""``rebalancer account add | list | test | remove``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import timedelta

from rebalancer_gui.adapters.secrets.redaction import REDACTOR
from rebalancer_gui.adapters.storage.inspection import balances_in
from rebalancer_gui.application.account_book import warnings_of
from rebalancer_gui.application.accounts import AccountRecord, AddedAccount, NewAccount, VenueEntry
from rebalancer_gui.application.connection import ConnectionReport, Credentials, Permissions, VenueSpec, mode_of
from rebalancer_gui.application.secrets import Place
from rebalancer_gui.console.answers import Json, moment
from rebalancer_gui.console.doing import Desk, ask_person
from rebalancer_gui.console.output import lines
from rebalancer_gui.console.unlocking import ask_to_unlock, hidden_line
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput
from rebalancer_gui.domain.money import HUNDRED, plain
from rebalancer_gui.domain.rails import AccountKind

_BEGIN, _END = "-----BEGIN", "-----END"
_LONGEST = 20_000
_KEYS = (
    "name", "venue", "mode", "kind", "api_url", "environment", "quote", "start_money", "kept", "key", "fingerprint", "tier", "permissions", "time_offset",
    "tested_at", "balances",
    "fault", "exists",
)  # fmt: skip
"""Of a row of `account list`."""
_RIGHT = {True: "yes", False: "no", None: "not told"}
_KINDS = {AccountKind.DEMO: "demo", AccountKind.PAPER: "paper", AccountKind.LIVE: "exchange"}


async def add(desk: Desk) -> None:
    """Raises InvalidInput, EnvironmentProblem; nothing is stored then."""
    options, book = desk.options, desk.book
    entry = book.venue(options.venue)
    environment = _practice(entry) if options.sandbox else None
    spec = VenueSpec(entry.id, options.api_url, environment)
    new = book.check(NewAccount(options.name, spec, quote=options.quote, start_money=options.start_money))
    credentials = read_credentials(entry)
    if credentials is not None:
        REDACTOR.hide_key(credentials)
        new = book.check(NewAccount(new.name, new.venue, credentials, options.quote, options.start_money))
        _see_to_a_vault(desk)
    _tell_of(desk, await book.add(new))


async def change_key(desk: Desk) -> None:
    """Another key for an account, or the same one again. Raises InvalidInput, EnvironmentProblem; nothing changes then."""
    book, record = desk.book, desk.book.find(desk.options.name)
    if record.venue is None or record.kind is not AccountKind.LIVE:
        raise InvalidInput("account", f"{record.name} is a paper account: it has no key. Add another account for one.")
    credentials = read_credentials(book.venue(record.venue.venue))
    if credentials is None:
        raise InvalidInput("key", "There is no key in the input. Nothing was changed.")
    REDACTOR.hide_key(credentials)
    book.check_new_key(record.name, credentials)
    _see_to_a_vault(desk)
    _tell_of(desk, await book.change_key(record.name, credentials))


def _tell_of(desk: Desk, added: AddedAccount) -> None:
    for warning in added.warnings:
        print(warning, file=sys.stderr)
    answer = _added(added)
    desk.printer.answer(answer, lines(answer))


def list_accounts(desk: Desk) -> None:
    """One row each; of one whose record cannot be read there is its name and why, said on stderr too."""
    rows = [_row(desk, record) for record in desk.book.records()]
    for name, problem in desk.book.unreadable().items():
        fault = f"{problem.message} {problem.advice}".strip()
        print(f"{name}: {fault}", file=sys.stderr)
        rows.append({**dict.fromkeys(_KEYS), "name": name, "fault": fault, "exists": _has_ledger(desk, name)})
    columns = ("name", "venue", "mode", "tier", "kept", "key", "permissions", "clock", "balances")
    desk.printer.rows(rows if desk.options.json else map(_in_words, rows), columns, "There are no accounts.")


async def test(desk: Desk) -> None:
    """Read-only questions to the exchange. Raises InvalidInput, VaultLocked, VenueUnavailable."""
    record = desk.book.find(desk.options.name)
    if record.key is not None and record.key.place is Place.PASSPHRASE:
        ask_to_unlock(desk.vaults)
    report = await desk.book.test_account(desk.options.name)
    for warning in warnings_of(report):
        print(warning, file=sys.stderr)
    answer = {"name": record.name, **report_answer(report)}
    desk.printer.answer(answer, lines(answer))


def remove(desk: Desk) -> None:
    """Asks first. Raises InvalidInput while a strategy is not over."""
    record = desk.book.find(desk.options.name)
    if not desk.options.yes:
        said = ask_person(
            f"Remove the account {record.name}? Its key is forgotten; its files are kept as a backup. (yes/no)"
        )
        if said is None:
            raise InvalidInput("account", "removing needs --yes where nobody can be asked")
        if said.casefold() not in {"y", "yes"}:
            desk.printer.answer({"name": record.name, "removed": False}, "Nothing was changed.")
            return
    if record.key is not None and record.key.place is Place.PASSPHRASE:
        ask_to_unlock(desk.vaults)
    answer = {"name": record.name, "removed": True, "backup": desk.book.remove(record.name)}
    desk.printer.answer(answer, lines(answer))


# ------------------------------------------------------------------------------------------------------------- the key


def read_credentials(entry: VenueEntry) -> Credentials | None:
    """From the terminal without showing it, or from three lines of standard input: key, secret, passphrase. An empty key:
    none, so it is a paper account. A secret that is a PEM runs to its END line.
    """
    if not sys.stdin.isatty():
        return credentials_in(_stdin_line, _stdin_line)
    print(
        f"Key of {entry.name} (empty: none, a paper account on its live prices). To be ticked: {', '.join(entry.tick)}. "
        f"Not to be ticked: {', '.join(entry.leave_off)}.",
        file=sys.stderr,
    )
    questions = iter(("API key:", "Secret:", f"Passphrase ({'needed' if entry.needs_passphrase else 'empty: none'}):"))

    return credentials_in(lambda: hidden_line(next(questions)), lambda: hidden_line("..."))


def credentials_in(field: Callable[[], str], more: Callable[[], str]) -> Credentials | None:
    """``field`` gives the next one's first line, ``more`` one more line of it; "" at the end. InvalidInput (``secret``)."""
    key = field()
    if not key:
        return None
    secret = _whole(field(), more)
    return Credentials(key, secret, field())


def _whole(first: str, more: Callable[[], str]) -> str:
    """A secret; a PEM with all its lines, also one that was copied as a single line, its line ends written out."""
    if not first.startswith(_BEGIN):
        return first
    text = first.replace("\\n", "\n")
    while _END not in text:
        line = more()
        if not line or len(text) > _LONGEST:
            raise InvalidInput("secret", "The secret begins like a PEM and has no END line.")
        text = f"{text}\n{line}"
    return f"{text.strip()}\n"


def _stdin_line() -> str:
    try:
        return sys.stdin.readline(_LONGEST).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise EnvironmentProblem(f"Standard input cannot be read: {error}.") from error


def _see_to_a_vault(desk: Desk) -> None:
    """The keyring, or the passphrase vault; memory is no place for a command that ends now."""
    if desk.vaults.best().place is not Place.MEMORY:
        return
    why = desk.vaults.why_no_keyring
    if sys.stdin.isatty():
        print(f"{why} The key is kept in a file that is locked with a passphrase.", file=sys.stderr)
        passphrase = hidden_line("Passphrase of the vault:")
        if not desk.vaults.passphrase.exists and hidden_line("The same again:") != passphrase:
            raise InvalidInput("passphrase", "The two are not the same. Nothing was stored.")
        desk.vaults.passphrase.unlock(passphrase)
        return
    raise EnvironmentProblem(
        f"{why} There is no place to keep the key.",
        "Give a passphrase with --passphrase-fd, so that it is kept in a locked file, or unlock a keyring.",
    )


def _practice(entry: VenueEntry) -> str:
    if not entry.environments:
        raise InvalidInput("sandbox", f"{entry.name} has no sandbox that is known here. Leave out --sandbox.")
    return "sandbox" if "sandbox" in entry.environments else entry.environments[0]


# ------------------------------------------------------------------------------------------------------------- answers


def _row(desk: Desk, record: AccountRecord) -> Json:
    venue, key = record.venue, record.key
    where = "demo market" if venue is None else venue.venue
    row: Json = {
        "name": record.name,
        "venue": where,
        "mode": mode_of(venue).lower() if record.kind is AccountKind.LIVE and venue is not None else "paper",
        "kind": _KINDS[record.kind],
        "api_url": venue.api_url if venue is not None else None,
        "environment": venue.environment if venue is not None else None,
        "quote": record.quote or None,
        "start_money": None if record.start_money is None else plain(record.start_money),
        "kept": key.place.value if key is not None else None,
        "key": None if key is None else key.ends_with or key.fingerprint,
        "fingerprint": key.fingerprint if key is not None else None,
        "tier": desk.book.venue(where).tier.value if venue is not None else None,
        "permissions": None if record.tested is None else permissions_answer(record.tested.permissions),
        "time_offset": None if record.tested is None else _seconds(record.tested.time_offset),
        "tested_at": None if record.tested is None else moment(record.tested.at),
        "balances": _balances(desk, record.name),
        "fault": None,
        "exists": _has_ledger(desk, record.name),
    }
    return row


def _balances(desk: Desk, name: str) -> Json | None:
    """As the ledger has them; None without one, and while it cannot be read."""
    path = desk.folder.path / "accounts" / name / "ledger.sqlite"
    if not path.exists():
        return None
    try:
        return {asset: plain(amount) for asset, amount in balances_in(path).items()}
    except EnvironmentProblem:
        return None


def _seconds(offset: timedelta | None) -> str | None:
    return None if offset is None else f"{offset.total_seconds():.3f}"


def _in_words(row: Json) -> Json:
    """A row of the list for people: what is not known says why."""
    at_exchange = row["kind"] == "exchange"
    untested = "not tested yet" if at_exchange else "no key"
    rights = row["permissions"]
    words = untested
    if isinstance(rights, Mapping):
        parts = [f"{name} {_RIGHT[rights[key]]}" for name, key in (("trade", "trade"), ("withdraw", "withdraw"))]
        words = ", ".join([*parts, *map(str, rights["others"])])
    balances = row["balances"]
    return {
        **row,
        "tier": row["tier"] or ("demo market" if row["fault"] is None else None),
        "permissions": words if row["fault"] is None else None,
        "clock": f"{row['time_offset']} s" if row["time_offset"] is not None else ("not known" if at_exchange else "-"),
        "balances": balances if balances is not None else ("not opened yet" if not row["exists"] else "cannot be read"),
    }


def _has_ledger(desk: Desk, name: str) -> bool:
    return (desk.folder.path / "accounts" / name / "ledger.sqlite").exists()


def _added(added: AddedAccount) -> Json:
    record = added.record
    answer: Json = {
        "name": record.name,
        "venue": record.venue.venue if record.venue is not None else None,
        "kind": _KINDS[record.kind],
        "mode": "watch" if record.kind is AccountKind.LIVE else "paper",
    }
    if record.quote:
        answer["quote"] = record.quote
    if record.start_money is not None:
        answer["start_money"] = plain(record.start_money)
    if record.key is not None:
        answer |= {
            "kept": record.key.place.value,
            "fingerprint": record.key.fingerprint,
            "ends_with": record.key.ends_with,
        }
    if added.report is not None:
        answer |= report_answer(added.report)
    answer["warnings"] = list(added.warnings)
    return answer


def report_answer(report: ConnectionReport) -> Json:
    """What a test of the connection found; ``time_offset`` in seconds, ``fee_rate`` in percent."""
    return {
        "venue": report.venue,
        "tier": report.tier.value,
        "tier_reason": report.tier_reason,
        "time_offset": _seconds(report.time_offset),
        "permissions": permissions_answer(report.permissions),
        "balances": None
        if report.balances is None
        else {asset: plain(balance.total) for asset, balance in sorted(report.balances.items())},
        "fee_rate": None if report.fees is None else plain(report.fees.taker_rate * HUNDRED),
        "may_go_live": report.may_go_live,
        "evidence": report.without_evidence,
        "problems": list(report.problems),
    }


def permissions_answer(rights: Permissions) -> Mapping[str, object]:
    """``null`` where the exchange does not tell."""
    return {
        "trade": rights.may_trade,
        "withdraw": rights.may_withdraw,
        "ip_restricted": rights.ip_restricted,
        "others": list(rights.others),
        "note": rights.note,
    }
