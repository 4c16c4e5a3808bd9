"""Settings: each declared once, wrong values told with what is legal, export and import whole and without secrets."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.settings_file import SettingsFile, SettingsSection
from rebalancer_gui.application.setting_kinds import Choice
from rebalancer_gui.application.settings import (
    ALL,
    CAPS_ONLINE,
    DECLARED,
    LANGUAGE,
    LOW_BNB,
    ON_CLOSE,
    SECTIONS,
    SKIPPED_HOURS,
    START_MINIMISED,
    THEME,
    Setting,
)
from rebalancer_gui.application.settings_desk import SettingsDesk
from rebalancer_gui.application.telling_settings import TellSettings, tell_settings
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidFile, InvalidInput
from tests.secrets.canary import CANARY, found_in
from tests.unit.notifying.test_desk import ADDRESS
from tests.unit.notifying.test_desk import Bench as TellingBench


class Bench:
    """A data folder with settings of its own."""

    def __init__(self, path: Path) -> None:
        self.folder = DataFolder(path)
        self.file = SettingsFile(self.folder)
        self.told: list[str] = []
        self.desk = SettingsDesk(self.file, (lambda: self.told.append("told"),))

    def write(self, content: object) -> None:
        self.folder.path.mkdir(exist_ok=True)
        self.folder.settings_file.write_text(json.dumps(content))

    def stored(self) -> dict[str, dict[str, object]]:
        found = json.loads(self.folder.settings_file.read_text())
        assert isinstance(found, dict)
        return found


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path / "data")
    made.write({"format": "rebalancer-settings", "version": 1})
    return made


def export(bench: Bench, **changes: object) -> str:
    """An export with other values in it."""
    content = json.loads(bench.desk.export())
    content["settings"] |= {key.replace("__", "."): value for key, value in changes.items()}
    return json.dumps(content)


@pytest.mark.parametrize("setting", DECLARED, ids=lambda s: s.key)
def test_every_setting_has_words_a_legal_default_and_comes_back_from_the_file(setting: Setting[object]) -> None:
    assert setting.title and setting.section in SECTIONS  # noqa: PT018 -- one fact: it is declared in full
    kind = setting.kind
    assert kind.read(kind.to_json(setting.default)) == setting.default
    assert kind.legal
    assert kind.words(setting.default)
    assert setting.of({}) == setting.default
    assert setting.fault_of({}) == ""


def test_no_key_is_declared_twice() -> None:
    assert len(ALL) == len(DECLARED)


def test_what_being_told_stores_is_what_is_declared() -> None:
    stored = TellSettings().to_values()
    of_notifications = [s for s in DECLARED if s.section == "notifications"]
    for setting in of_notifications:
        assert setting.kind.to_json(setting.default) == setting.raw(stored)
    events = stored["events"]
    assert isinstance(events, dict)
    assert len(of_notifications) == len(events) + len(set(stored) - {"events", "channels"})


@pytest.mark.parametrize(
    ("setting", "raw", "legal"),
    [
        (THEME, "dusk", '"dusk" is not one of system, light, dark'),
        (LANGUAGE, "fr", '"fr" is not one of system, en, de'),
        (ON_CLOSE, 7, "7 is not one of ask, tray, stop"),
        (START_MINIMISED, "yes", '"yes" is not on or off'),
        (SKIPPED_HOURS, 0, "0 is not a whole number from 1 to 720"),
        (SKIPPED_HOURS, True, "true is not a whole number"),
        (LOW_BNB, 0.5, "a number with a fraction is not an amount from 0 to 1000 BNB"),
        (LOW_BNB, "-1", "-1 is not an amount from 0 to 1000 BNB"),
        (CAPS_ONLINE, [], "a list is not on or off"),
    ],
)
def test_a_bad_value_in_the_file_is_told_with_what_is_legal_and_the_default_is_used(
    bench: Bench, setting: Setting[object], raw: object, legal: str
) -> None:
    content: dict[str, object] = {"format": "rebalancer-settings", "version": 1}
    bench.write(content | {setting.section: {setting.path[1]: raw}})
    before = bench.folder.settings_file.read_bytes()
    (said,) = bench.desk.faults()
    assert said.startswith(f"{setting.key}: {legal}")
    assert said.endswith(f"The default is used: {setting.kind.words(setting.default)}.")
    assert bench.desk.value(setting) == setting.default
    assert bench.folder.settings_file.read_bytes() == before
    copy = bench.file.keep_copy()
    assert (bench.folder.path / copy).read_bytes() == before
    assert bench.file.keep_copy() == copy


def test_one_setting_is_changed_and_everything_else_of_the_file_stays(bench: Bench) -> None:
    bench.write(
        {
            "format": "rebalancer-settings",
            "version": 1,
            "window": {"theme": "light", "splitter": [1, 2]},
            "notifications": {"channels": [{"id": "c"}], "low_bnb": "1"},
        }
    )
    bench.desk.set(THEME, "dark")
    bench.desk.set_text("notifications.events.halted", "off")
    bench.desk.set_text("notifications.low_bnb", "0.5")
    assert bench.stored()["window"] == {"theme": "dark", "splitter": [1, 2]}
    assert bench.stored()["notifications"] == {"channels": [{"id": "c"}], "low_bnb": "0.5", "events": {"halted": False}}
    assert bench.desk.value(LOW_BNB) == Decimal("0.5")
    assert len(bench.told) == 3


def test_what_is_not_legal_is_refused_and_nothing_is_stored(bench: Bench) -> None:
    before = bench.folder.settings_file.read_bytes()
    with pytest.raises(InvalidInput, match="720") as refused:
        bench.desk.set(SKIPPED_HOURS, 721)
    assert refused.value.field == "notifications.skipped_after_hours"
    with pytest.raises(InvalidInput, match="0 to 1000 BNB"):
        bench.desk.set_text("notifications.low_bnb", "a little")
    with pytest.raises(InvalidInput, match=r"no such setting\. There are: window\.theme"):
        bench.desk.set_text("window.colour", "dark")
    assert bench.folder.settings_file.read_bytes() == before
    assert not bench.told


def test_an_export_holds_every_setting_and_none_of_the_secrets_beside_them(bench: Bench) -> None:
    channel = {"id": CANARY, "name": CANARY, "kind": "ntfy", "masked": CANARY, "place": "keyring"}
    bench.write(
        {
            "format": "rebalancer-settings",
            "version": 1,
            "window": {"theme": "dark", "account": CANARY, "geometry": CANARY},
            "program": {"language": CANARY, "note": CANARY},
            "notifications": {"channels": [channel]},
            "market_data": {"online": False, "coingecko_key": CANARY},
        }
    )
    text = bench.desk.export()
    assert found_in(text.encode()) == []
    assert set(json.loads(text)["settings"]) == set(ALL)
    assert json.loads(text)["settings"]["market_data.online"] is False


def test_an_import_says_what_it_will_change_and_changes_just_that(bench: Bench) -> None:
    text = export(bench, window__theme="dark", notifications__low_bnb="2", program__start_minimised=True)
    changes = bench.desk.preview(text)
    assert [c.words for c in changes] == [
        ("Colours", "As the system", "Dark"),
        ("Start minimised", "off", "on"),
        ("BNB is low below", "0.01 BNB", "2 BNB"),
    ]
    assert "window" not in bench.stored()
    bench.desk.take(changes)
    assert bench.told == ["told"]
    assert bench.desk.preview(text) == ()
    assert tell_settings(SettingsSection(bench.file, "notifications").read()).low_bnb == 2


def test_what_an_import_does_not_name_stays_as_it_is(bench: Bench) -> None:
    bench.desk.set(LANGUAGE, "de")
    text = json.dumps({"format": "rebalancer-settings-export", "version": 1, "settings": {"window.theme": "light"}})
    bench.desk.take(bench.desk.preview(text))
    assert (bench.desk.value(LANGUAGE), bench.desk.value(THEME)) == ("de", "light")


HEAD = '"format": "rebalancer-settings-export", "version": 1'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("[]", "one JSON object"),
        ('{"format": "rebalancer-strategy", "version": 1}', "no export of settings"),
        ('{"format": "rebalancer-settings-export", "version": 2, "settings": {}}', "version 2"),
        ('{"format": "rebalancer-settings-export", "version": 1}', '"settings" is missing'),
        (f'{{{HEAD}, "settings": {{}}, "more": 1}}', 'Not known here: "more"'),
        (f'{{{HEAD}, "settings": {{"window.theme": "dark", "accounts.live": true}}}}', 'no such settings: "accounts.live"'),
        (f'{{{HEAD}, "settings": {{"window.theme": "dark", "window.theme": "light"}}}}', "twice"),
        (f'{{{HEAD}, "settings": {{"window.theme": null}}}}', "null is not one of"),
        (f'{{{HEAD}, "settings": {{"notifications.skipped_after_hours": 1e9}}}}', "is not a whole number"),
        (f'{{{HEAD}, "settings": {{"notifications.skipped_after_hours": {"9" * 5000}}}}}', "is not a whole number"),
        (f'{{{HEAD}, "settings": {{"notifications.low_bnb": NaN}}}}', "is not an amount"),
        ("[" * 100_000, "nested deeper"),
        ('{"a": "' + "x" * 1_000_001 + '"}', "larger than 1 MB"),
        ("PK\x03\x04", "not a text"),
    ],
)  # fmt: skip
def test_a_file_with_any_fault_is_refused_whole_and_says_why(bench: Bench, text: str, said: str) -> None:
    before = bench.folder.settings_file.read_bytes()
    with pytest.raises(InvalidFile) as refused:
        bench.desk.preview(text)
    assert said in f"{refused.value}"
    assert bench.folder.settings_file.read_bytes() == before


def test_settings_of_a_newer_program_are_not_written_over(bench: Bench) -> None:
    bench.write({"format": "rebalancer-settings", "version": 99, "window": {"theme": "dark"}})
    before = bench.folder.settings_file.read_bytes()
    with pytest.raises(EnvironmentProblem, match="version 99"):
        bench.desk.set(THEME, "light")
    assert bench.folder.settings_file.read_bytes() == before


def test_after_an_import_what_is_told_and_asked_of_the_internet_counts_at_once_and_channels_stay() -> None:
    told = TellingBench()
    channel, _ = told.desk.add("Phone", ADDRESS)
    told.section.write({**told.section.read(), "paper": False, "skipped_after_hours": 5, "channels": []})
    told.desk.reload()
    assert not told.desk.settings.paper
    assert told.desk.settings.skipped_after == timedelta(hours=5)
    assert told.desk.settings.channels == (channel,)


def test_the_languages_that_can_be_chosen_are_those_that_there_are() -> None:
    kind = LANGUAGE.kind
    assert isinstance(kind, Choice)
    catalogues = (Path(__file__).resolve().parents[3] / "resources" / "languages").glob("rebalancer_*.qm")
    codes = {file.stem.removeprefix("rebalancer_") for file in catalogues}
    assert {word for word, _ in kind.options} == {"system", *codes}
