"""Services on loopback that remember what reached them: an HTTP server and a small SMTP server; and a private D-Bus."""

from __future__ import annotations

import base64
import os
import shutil
import socketserver
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class Heard:
    """One HTTP request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HttpService:
    """``status`` is what it answers; ``delay`` holds an answer back until it is set."""

    url: str = ""
    port: int = 0
    status: int = 200
    heard: list[Heard] = field(default_factory=list)
    hold: threading.Event | None = None
    headers: dict[str, str] = field(default_factory=dict)


@contextmanager
def http_service() -> Iterator[HttpService]:
    service = HttpService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            service.heard.append(Heard(self.command, self.path, dict(self.headers), body))
            if service.hold is not None:
                service.hold.wait(10)
            with suppress(OSError):
                self.send_response(service.status)
                for name, value in service.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

        do_PUT = do_POST  # noqa: N815 -- the library's name

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.port = server.server_address[1]
    service.url = f"127.0.0.1:{service.port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield service
    finally:
        if service.hold is not None:
            service.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Mail:
    """One mail as it was handed over."""

    login: str
    sender: str
    to: list[str]
    data: str


class MailService:
    """A mail server that takes everything. ``mails`` are those that were handed over whole."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.port = 0

    def converse(self, read: Callable[[], bytes], write: Callable[[str], None]) -> None:
        mail = Mail("", "", [], "")
        write("220 loopback ESMTP")
        while line := read().decode().strip():
            verb, rest = line[:4].upper(), line[5:]
            if verb == "EHLO":
                write("250-loopback")
                write("250 AUTH PLAIN LOGIN")
            elif verb == "AUTH":
                mail.login = base64.b64decode(rest.split()[-1]).decode().strip("\0").replace("\0", ":")
                write("235 welcome")
            elif verb == "MAIL":
                mail.sender = rest
                write("250 ok")
            elif verb == "RCPT":
                mail.to.append(rest)
                write("250 ok")
            elif verb == "DATA":
                write("354 go on")
                lines = []
                while (part := read().decode()).rstrip("\r\n") != ".":
                    lines.append(part)
                mail.data = "".join(lines)
                self.mails.append(mail)
                write("250 taken")
            elif verb == "QUIT":
                write("221 bye")
                return
            else:
                write("250 ok")


@contextmanager
def mail_service() -> Iterator[MailService]:
    service = MailService()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                service.converse(self.rfile.readline, self._write)

        def _write(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    service.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def private_bus() -> Iterator[str]:
    """The address of a bus of our own; skipped where no dbus-daemon is installed (Debian: dbus)."""
    daemon = shutil.which("dbus-daemon")
    if daemon is None:
        pytest.skip("no dbus-daemon here: apt-get install dbus")
    process = subprocess.Popen(
        [daemon, "--session", "--nofork", "--nosyslog", "--print-address"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


class BusService:
    """Answers to ``name`` on a bus: ``methods`` by member give the body of the answer (None: it refuses), with a signature.

    ``calls`` are (member, body), in order. ``readers`` are ends of pipes whose other end was handed out by Inhibit.
    """

    def __init__(
        self, address: str, name: str, methods: dict[str, tuple[str, Callable[[], tuple[Any, ...]]] | None]
    ) -> None:
        from jeepney import DBusAddress, new_method_call
        from jeepney.io.blocking import open_dbus_connection

        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self._methods = methods
        self._connection = open_dbus_connection(bus=address, enable_fds=True)
        bus = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
        self._connection.send_and_get_reply(new_method_call(bus, "RequestName", "su", (name, 0)))
        self._ends = False
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        from jeepney import MessageType, new_error, new_method_return

        while not self._ends:
            try:
                message = self._connection.receive(timeout=0.05)
            except TimeoutError:
                continue
            if message.header.message_type is not MessageType.method_call:
                continue
            member = message.header.fields[3]
            self.calls.append((member, tuple(message.body)))
            method = self._methods.get(member)
            if method is None:
                self._connection.send(new_error(message, "org.freedesktop.DBus.Error.AccessDenied"))
            else:
                signature, make = method
                self._connection.send(new_method_return(message, signature, make()))

    def close(self) -> None:
        self._ends = True
        self._thread.join()
        self._connection.close()


class Locks:
    """What login1 hands out: pipes whose reading end says whether anybody still holds the other one."""

    def __init__(self) -> None:
        self._readers: list[int] = []
        self._writers: list[int] = []

    def hand_out(self) -> tuple[int]:
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        self._readers.append(reader)
        self._writers.append(writer)
        return (writer,)

    def let_go(self) -> None:
        """Our own copies of what was handed out: from now on only the program holds them."""
        while self._writers:
            os.close(self._writers.pop())

    @property
    def held(self) -> int:
        """How many are held still."""
        self.let_go()
        count = 0
        for reader in self._readers:
            try:
                count += bool(os.read(reader, 1))
            except BlockingIOError:
                count += 1
        return count

    def come_free(self) -> bool:
        """Whether nobody holds any of them; the bus may still have copies of its own for a moment."""
        for _ in range(500):
            if not self.held:
                return True
            time.sleep(0.01)
        return False

    def close(self) -> None:
        self.let_go()
        for reader in self._readers:
            os.close(reader)
