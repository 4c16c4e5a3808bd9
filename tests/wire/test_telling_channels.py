"""Messages through the real Apprise, as they arrive: webhook, mail and ntfy on loopback; Telegram and Discord as requests."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from email import message_from_string
from email.header import decode_header, make_header

import pytest
import requests

from rebalancer_gui.adapters.logs import LogFile
from rebalancer_gui.adapters.notifying.apprise_channels import AppriseNotifier, check_address
from rebalancer_gui.application.notices import Message, NotSent, Severity
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput
from tests.support.loopback_services import http_service, mail_service

MESSAGE = Message(
    "LIVE Main: Core 4 is halted", "The market of BTC is closed.\n\nWhat to do: Replace BTC & go on.", Severity.ALARM
)
TOKEN = "tk-S3cretTokenOfMine"


@pytest.fixture(scope="module")
def web():
    with http_service() as service:
        yield service


@pytest.fixture
def service(web):
    web.heard.clear()
    web.status, web.hold, web.headers = 200, None, {}
    yield web
    if web.hold is not None:
        web.hold.set()


def send(address: str, *, patience: float = 10) -> None:
    asyncio.run(AppriseNotifier("phone", lambda: address, patience=patience).send(MESSAGE))


def test_a_webhook_gets_title_text_and_severity_as_json(service) -> None:
    send(f"json://{service.url}/hook/{TOKEN}")
    (heard,) = service.heard
    body = json.loads(heard.body)
    assert (heard.method, heard.path) == ("POST", f"/hook/{TOKEN}")
    assert body["title"] == MESSAGE.title
    assert body["message"] == MESSAGE.text
    assert body["type"] == "failure"


def test_ntfy_gets_the_message_under_its_topic_with_the_token(service) -> None:
    send(f"ntfy://{TOKEN}@{service.url}/my-topic?auth=token")
    (heard,) = service.heard
    assert heard.headers["Authorization"] == f"Bearer {TOKEN}"
    body = json.loads(heard.body)
    assert (body["topic"], body["title"], body["message"]) == ("my-topic", MESSAGE.title, MESSAGE.text)


def test_a_mail_is_handed_to_the_server_with_login_sender_and_receiver(monkeypatch) -> None:
    # The library greets the server with this machine's name, which it would ask the network for.
    monkeypatch.setattr("socket.getfqdn", lambda *_name: "here.localhost")
    with mail_service() as post:
        send(
            f"mailto://me:pass-word-1@127.0.0.1:{post.port}?smtp=127.0.0.1&from=bot@example.org&to=you@example.org&mode=insecure"
        )
        (mail,) = post.mails
    assert mail.login == "me:pass-word-1"
    assert "bot@example.org" in mail.sender
    assert ["you@example.org" in to for to in mail.to] == [True]
    parsed = message_from_string(mail.data)
    assert str(make_header(decode_header(parsed["Subject"]))) == MESSAGE.title
    text = next(part for part in parsed.walk() if part.get_content_maintype() == "text")
    payload = text.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert "The market of BTC is closed." in payload.decode()
    assert "Replace BTC & go on." in payload.decode()


@pytest.fixture
def requested(monkeypatch):
    """Requests as they would leave for the net: caught where they are handed to the connection."""
    caught: list[requests.PreparedRequest] = []

    def catch(self, request, **_options):
        caught.append(request)
        answer = requests.Response()
        answer.status_code = 200
        answer._content = b'{"ok": true, "result": []}'
        answer.request, answer.url = request, request.url or ""
        return answer

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", catch)
    return caught


def test_telegram_is_asked_over_https_with_bot_chat_and_text(requested) -> None:
    send("tgram://123456789:abcdefghijklmnopqrstuvwxyz_ABCDEF/987654321/")
    (request,) = requested
    assert request.url == "https://api.telegram.org/bot123456789:abcdefghijklmnopqrstuvwxyz_ABCDEF/sendMessage"
    body = json.loads(request.body)
    assert str(body["chat_id"]) == "987654321"
    assert MESSAGE.title in body["text"]
    assert "The market of BTC is closed." in body["text"]


def test_discord_is_asked_over_https_with_its_webhook(requested) -> None:
    send("discord://987654321012345678/aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789")
    (request,) = requested
    assert request.url.startswith(
        "https://discord.com/api/webhooks/987654321012345678/aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789"
    )
    body = json.loads(request.body)
    text = json.dumps(body)
    assert "Core 4 is halted" in text
    assert "The market of BTC is closed." in text


@pytest.mark.parametrize(("status", "again"), [(500, True), (503, True), (404, False), (401, False)])
def test_an_answer_that_refuses_is_told_by_its_status_alone(service, status, again) -> None:
    service.status = status
    with pytest.raises(NotSent, match=f"answered {status}") as refused:
        send(f"json://{service.url}/{TOKEN}")
    assert refused.value.again is again
    assert TOKEN not in refused.value.message


def test_a_server_that_is_not_there_is_told_as_such() -> None:
    with http_service() as gone:
        url = gone.url
    with pytest.raises(NotSent, match="could not be reached") as refused:
        send(f"json://{url}/{TOKEN}")
    assert refused.value.again


def test_a_server_that_never_answers_costs_its_patience_and_no_more(service) -> None:
    service.hold = threading.Event()
    with pytest.raises(NotSent, match="did not answer"):
        send(f"json://{service.url}/{TOKEN}", patience=0.2)


def test_a_redirect_to_elsewhere_is_not_followed(service) -> None:
    with http_service() as elsewhere:
        service.status, service.headers = 307, {"Location": f"http://{elsewhere.url}/stolen"}
        with pytest.raises(NotSent, match="answered 307"):
            send(f"json://{service.url}/{TOKEN}")
        assert elsewhere.heard == []


def test_nothing_of_an_address_is_in_the_log_even_with_everything_told(service, tmp_path) -> None:
    service.status = 500
    log = LogFile(tmp_path, logging.DEBUG)
    log.start()
    try:
        with pytest.raises(NotSent):
            send(f"json://user:pass-word-1@{service.url}/{TOKEN}")
        logging.getLogger("rebalancer_gui").info("a library that tells: http://x/%s?p=pass-word-1", TOKEN)
    finally:
        log.stop()
    text = log.path.read_text()
    assert "a library that tells" in text
    assert TOKEN not in text
    assert "pass-word-1" not in text
    assert " apprise: " not in text


def test_a_vault_that_is_locked_is_told_and_tried_again() -> None:
    def locked() -> str:
        raise EnvironmentProblem("The keyring is locked.", "Unlock it.")

    with pytest.raises(NotSent, match="The keyring is locked") as refused:
        asyncio.run(AppriseNotifier("phone", locked).send(MESSAGE))
    assert refused.value.again


@pytest.mark.parametrize(
    ("address", "kind", "masked", "in_the_open"),
    [
        ("ntfys://my-secret-topic", "ntfy", "ntfys://…/…", False),
        ("ntfy://my-secret-topic", "ntfy", "ntfy://…/…", False),
        ("ntfy://box.lan/my-secret-topic", "ntfy", "ntfy://…/…", True),
        ("json://127.0.0.1:9/hook", "JSON", "json://…/…", False),
        ("json://box.lan/hook", "JSON", "json://…/…", True),
        ("jsons://box.lan/hook", "JSON", "jsons://…/…", False),
        ("tgram://123456789:abcdefghijklmnopqrstuvwxyz_ABCDEF/98/", "Telegram", "tgram://…/…", False),
        ("mailtos://me:word@example.org", "E-Mail", "mailtos://…/…", False),
    ],
)
def test_an_address_is_known_by_its_service_and_shown_masked(address, kind, masked, in_the_open) -> None:
    checked = check_address(f"  {address}\n")
    assert (checked.kind, checked.masked, checked.unencrypted) == (kind, masked, in_the_open)
    assert address not in repr(checked)


@pytest.mark.parametrize(
    "address", ["", "hello", "nosuch://secret-part", "json://", "ntfys://x?\x07", f"json://h/{'x' * 3000}"]
)
def test_what_is_no_address_is_refused_without_being_repeated(address) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_address(address)
    assert refused.value.field == "url"
    assert "secret-part" not in refused.value.message


def test_an_address_that_switches_the_check_of_certificates_off_is_refused() -> None:
    with pytest.raises(InvalidInput, match="verify=no is refused"):
        check_address("jsons://box.lan/hook?verify=no")
