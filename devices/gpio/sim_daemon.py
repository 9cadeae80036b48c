"""A pigpio daemon's socket, byte for byte, before a simulated board.

Written from the published "socket interface" of pigpio: a command is 16 bytes, four little-endian words ``cmd p1 p2
p3`` (followed by ``p3`` bytes for a few commands), answered by the same 16 bytes with the result in the fourth
word, negative for an error. ``NOIB`` turns its connection into a stream of 12-byte reports ``seqno flags tick
level``; ``NB`` says, on any connection, which pins they are for. It does what a panel needs: modes, pulls, levels,
banks, ticks, notifications; PWM, waves, serial buses and scripts are answered "unknown command".
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass

from devices.gpio.sim_board import BANK, PINS, Board
from devices.gpio.sim_numbers import (
    BAD_FILTER,
    BAD_GPIO,
    BAD_HANDLE,
    BAD_LEVEL,
    BAD_MODE,
    BAD_PUD,
    BAD_USER_GPIO,
    HARDWARE,
    LONGEST_EXTENSION,
    NO_HANDLE,
    REPORT,
    SLOTS,
    UNKNOWN_COMMAND,
    VERSION,
    WORDS,
    Command,
)


@dataclass(slots=True)
class DaemonFaults:
    """Switches of the connection; may be set from any thread at any time.

    ``silence``: the daemon hangs: it takes commands and says nothing any more. ``slow_s``: seconds before each
    answer. ``split``: each byte is its own sending. ``lost_reports``: notifications get lost, answers do not.
    ``unplug_after``: the connection breaks after so many more bytes sent; then the switch clears itself.
    """

    silence: bool = False
    slow_s: float = 0.0
    split: bool = False
    lost_reports: bool = False
    unplug_after: int | None = None


@dataclass(slots=True)
class _Notification:
    owner: _Connection
    bits: int = 0
    running: bool = False
    seqno: int = 0


class SimulatedDaemon:
    """The daemon before ``board``; port 0 takes a free one and keeps it. Starts unplugged.

    ``plug`` listens, ``unplug`` ends every connection and refuses new ones. All methods may be called from any
    thread but the daemon's own.
    """

    def __init__(self, board: Board, port: int = 0) -> None:
        self.faults = DaemonFaults()
        self._board = board
        self._lock = threading.RLock()  # connections and notifications; taken after the board's, never before
        self._changing = threading.Lock()  # plugged or not
        self._notifications: dict[int, _Notification] = {}
        self._connections: set[_Connection] = set()
        self._door = _bound(port)
        self._port: int = self._door.getsockname()[1]
        self._thread: threading.Thread | None = None
        board.on_change = self._report

    @property
    def address(self) -> str:
        """What a driver opens."""
        return f"pigpio://127.0.0.1:{self._port}"

    @property
    def plugged(self) -> bool:
        return self._thread is not None

    @property
    def connected(self) -> bool:
        """Whether a client is there and has asked for notifications."""
        with self._lock:
            return any(notification.running for notification in self._notifications.values())

    def plug(self) -> None:
        """Start the daemon: listen."""
        with self._changing:
            if self._thread is None:
                if self._door.fileno() < 0:
                    self._door = _bound(self._port)
                self._door.listen()
                self._thread = threading.Thread(target=self._accept, name="simulated pigpio")
                self._thread.start()

    def unplug(self) -> None:
        """End the daemon: its clients find their connections closed, new ones are refused."""
        with self._changing:
            thread, self._thread = self._thread, None
            if thread is None:
                return
            with suppress(OSError):
                self._door.shutdown(socket.SHUT_RDWR)  # wakes the accepting thread
            thread.join()
            self._door.close()
            self._door = _bound(self._port)  # nobody else gets the port meanwhile
            with self._lock:
                connections, self._connections = self._connections, set()
            for connection in connections:
                connection.end()
            for connection in connections:
                connection.thread.join()

    def close(self) -> None:
        """Unplug for good: no thread or descriptor is left."""
        self.unplug()
        self._door.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            connection = _Connection(self, client)
            connection.thread.start()
            with self._lock:
                self._connections = {one for one in self._connections if one.thread.is_alive()} | {connection}

    def gone(self, connection: _Connection) -> None:
        """A connection ended: its notifications end with it."""
        with self._lock:
            for handle in [h for h, one in self._notifications.items() if one.owner is connection]:
                del self._notifications[handle]

    def _report(self, levels: int, changed: int, tick: int) -> None:
        with self._lock:
            for notification in list(self._notifications.values()):
                if notification.running and changed & notification.bits:
                    report = REPORT.pack(notification.seqno, 0, tick, levels)
                    notification.seqno = (notification.seqno + 1) & 0xFFFF
                    if not (self.faults.lost_reports or self.faults.silence):
                        notification.owner.send(report)

    # -- commands

    def answer(self, connection: _Connection, command: int, p1: int, p2: int) -> int:
        """Carry out one command; its result, negative for an error."""
        match command:
            case Command.MODES | Command.MODEG | Command.PUD | Command.READ | Command.WRITE:
                return self._pin(command, p1, p2)
            case Command.BR1 | Command.BR2 | Command.BC1 | Command.BC2 | Command.BS1 | Command.BS2:
                return self._bank(command, p1)
            case Command.TICK:
                return self._board.tick
            case Command.HWVER:
                return HARDWARE
            case Command.PIGPV:
                return VERSION
            case Command.FG:  # the glitch filter; one that is off is all there is here
                return BAD_USER_GPIO if p1 >= BANK else 0 if p2 == 0 else BAD_FILTER
            case Command.NO:  # notifications through a pipe on the daemon's machine: there is none
                return NO_HANDLE
            case Command.NOIB:
                return self._open(connection)
            case Command.NB | Command.NP | Command.NC:
                return self._notify(command, p1, p2)
            case _:
                return UNKNOWN_COMMAND

    def _pin(self, command: int, pin: int, value: int) -> int:
        if pin >= PINS:
            return BAD_GPIO
        board = self._board
        match command:
            case Command.MODES if value > 7:
                return BAD_MODE
            case Command.MODES:
                board.set_mode(pin, value)
            case Command.MODEG:
                return board.mode(pin)
            case Command.PUD if value > 2:
                return BAD_PUD
            case Command.PUD:
                board.set_pull(pin, value)
            case Command.READ:
                return board.level(pin)
            case Command.WRITE if value > 1:
                return BAD_LEVEL
            case Command.WRITE:
                board.write(pin, value)
        return 0

    def _bank(self, command: int, bits: int) -> int:
        first = BANK if command in {Command.BR2, Command.BC2, Command.BS2} else 0
        pins = range(first, min(first + BANK, PINS))
        if command in {Command.BR1, Command.BR2}:
            return sum(self._board.level(pin) << (pin - first) for pin in pins)
        for pin in pins:
            if bits >> (pin - first) & 1:
                self._board.write(pin, int(command in {Command.BS1, Command.BS2}))
        return 0

    def _open(self, connection: _Connection) -> int:
        with self._lock:
            handle = next((slot for slot in range(SLOTS) if slot not in self._notifications), None)
            if handle is None:
                return NO_HANDLE
            self._notifications[handle] = _Notification(connection)
            return handle

    def _notify(self, command: int, handle: int, bits: int) -> int:
        with self._lock:
            notification = self._notifications.get(handle)
            if notification is None:
                return BAD_HANDLE
            match command:
                case Command.NB:
                    notification.bits, notification.running = bits, True
                case Command.NP:
                    notification.running = False
                case Command.NC:
                    del self._notifications[handle]
            return 0


class _Connection:
    """One client: commands in, answers out, and reports where it asked for them."""

    def __init__(self, daemon: SimulatedDaemon, client: socket.socket) -> None:
        self._daemon = daemon
        self._socket = client
        self._sending = threading.Lock()
        self._ended = threading.Event()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.thread = threading.Thread(target=self._serve, name="simulated pigpio client")

    def end(self) -> None:
        """Break the connection; its thread ends by itself."""
        self._ended.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def send(self, data: bytes) -> None:
        """Send through the faults; a client that takes nothing any more loses what does not fit."""
        with self._sending:
            faults = self._daemon.faults
            breaks = faults.unplug_after is not None and len(data) >= faults.unplug_after
            if faults.unplug_after is not None:
                data = data[: faults.unplug_after]
                faults.unplug_after = None if breaks else faults.unplug_after - len(data)
            with suppress(OSError):
                for piece in [data[at : at + 1] for at in range(len(data))] if faults.split else [data]:
                    self._socket.send(piece, socket.MSG_DONTWAIT)
            if breaks:
                self.end()

    def _serve(self) -> None:
        try:
            while (words := self._take(WORDS.size)) is not None:
                command, p1, p2, extension = WORDS.unpack(words)
                if extension >= LONGEST_EXTENSION or self._take(extension) is None:
                    return  # as the daemon does: no point in going on
                result = self._daemon.answer(self, command, p1, p2)
                faults = self._daemon.faults
                if faults.slow_s and self._ended.wait(faults.slow_s):
                    return
                if not faults.silence:
                    self.send(WORDS.pack(command, p1, p2, result & 0xFFFFFFFF))
        finally:
            self._daemon.gone(self)
            self._socket.close()

    def _take(self, count: int) -> bytes | None:
        data = b""
        while len(data) < count:
            try:
                piece = self._socket.recv(count - len(data))
            except OSError:
                return None
            if not piece:
                return None
            data += piece
        return data


def _bound(port: int) -> socket.socket:
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind(("127.0.0.1", port))
    except OSError:
        door.close()
        raise
    return door
