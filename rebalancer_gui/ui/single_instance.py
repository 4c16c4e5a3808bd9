"""One window per data folder: a second start asks the first to raise its window.

    instance = SingleInstance(key)
    if not instance.begin():
        return 0                                # the first one has been asked to show itself
    instance.raiseAsked.connect(window.raise_to_front)

The data folder's lock is the truth about who runs; this is only how the two programs talk.
"""

from __future__ import annotations

import hashlib
import logging

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_WAIT_MS = 1500
_RAISE = b"raise\n"
_OK = b"ok\n"
_log = logging.getLogger(__name__)


def server_name(key: str) -> str:
    """A name that no other folder has and that says nothing about it."""
    return f"rebalancer-{hashlib.sha256(key.encode()).hexdigest()[:24]}"


class SingleInstance(QObject):
    """GUI thread. ``key`` names the data folder, such as its absolute path."""

    raiseAsked = Signal()

    def __init__(self, key: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = server_name(key)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._welcome)

    def begin(self) -> bool:
        """True: this is the first, and listens from now on. False: the first one was asked to raise its window."""
        if self._ask_the_first():
            return False
        # A socket file that nobody listens on is what a crash left behind.
        QLocalServer.removeServer(self._name)
        if not self._server.listen(self._name):
            _log.info("no other start can be told about this one: %s", self._server.errorString())
        return True

    def end(self) -> None:
        """Stop listening."""
        self._server.close()

    def _ask_the_first(self) -> bool:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_WAIT_MS):
            return False
        socket.write(_RAISE)
        socket.flush()
        answered = socket.waitForReadyRead(_WAIT_MS) and socket.readAll().data() == _OK
        socket.abort()
        return answered

    @Slot()
    def _welcome(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(self._hear)
            socket.disconnected.connect(socket.deleteLater)
            self._hear_from(socket)

    @Slot()
    def _hear(self) -> None:
        socket = self.sender()
        if isinstance(socket, QLocalSocket):
            self._hear_from(socket)

    def _hear_from(self, socket: QLocalSocket) -> None:
        if socket.canReadLine() and socket.readLine().data() == _RAISE:
            socket.write(_OK)
            socket.flush()
            self.raiseAsked.emit()
