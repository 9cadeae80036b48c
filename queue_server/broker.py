"""The broker that the project starts for itself: mosquitto, as a child, with our configuration.

Any MQTT 3.1.1 broker serves; on the embedded default this one is written to ``var/broker`` and started on
127.0.0.1. Nobody connects without a password, each terminal reaches only its own topics (the patterns of
``wire.topics.DEVICE_ACCESS``), and the queue limits are those that were measured to lose nothing:
mosquitto's defaults drop the 1,001st message for a server that is away for a moment.

A password is made at first start, one file a user under ``var/secrets``, readable by the owner alone.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from queue_server.children import die_with_parent
from queue_server.wire import messages, topics

SERVER_USER = "server"
SECRET_MIN_CHARS = 20
_SAMPLES = re.compile(r"change.?me|sample|example|secret|password|mosquitto|jiaohao|^(.)\1*$", re.IGNORECASE)

MAX_PAYLOAD_BYTES = 1 << 20
"""What the broker carries at all: room for a catalogue. The server refuses requests beyond ``MAX_BYTES`` itself,
with a sentence; beyond this the broker drops in silence."""


class BrokerError(RuntimeError):
    """The broker cannot be started or used; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class BrokerPlan:
    """Where the broker lives and who may come: ``devices`` are the terminals' user names."""

    directory: Path
    host: str = "127.0.0.1"
    port: int = 1883
    devices: tuple[str, ...] = ()


def password_file(var: Path, user: str) -> Path:
    """Where the password of ``user`` lies under the data directory ``var``. Raises BadTopic for a bad name."""
    return var / "secrets" / f"mqtt-{topics.checked(user)}"


def password(var: Path, user: str) -> str:
    """The broker password of ``user``, made at the first call (file mode 0600, directory 0700).

    Raises BrokerError if the file holds a sample or a short secret, or others may read it.
    """
    path = password_file(var, user)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(24) + "\n")
    if path.stat().st_mode & 0o077:
        raise BrokerError(f"{path} can be read by others; run: chmod 600 {path}")
    return refuse_sample(path.read_text(encoding="utf-8").strip(), user)


def refuse_sample(secret: str, user: str) -> str:
    """Return ``secret`` if it can be one. Raises BrokerError for an empty, short or well-known one."""
    if len(secret) < SECRET_MIN_CHARS or secret == user or _SAMPLES.search(secret):
        raise BrokerError(
            f"the broker password of {user!r} is a sample or shorter than {SECRET_MIN_CHARS} characters;"
            f" delete its file and a new one is made"
        )
    return secret


def configuration(plan: BrokerPlan) -> str:
    """The text of mosquitto.conf. One listener, no anonymous, queues that do not drop, no Nagle delay."""
    here = plan.directory
    # As root mosquitto would change to its own user, who cannot read the secrets: stay who we are.
    me = pwd.getpwuid(os.geteuid()).pw_name
    return "\n".join(
        (
            "# written by queue_server.broker at each start; edit that instead",
            f"user {me}",
            "per_listener_settings false",
            f"listener {plan.port} {plan.host}",
            "socket_domain ipv4" if "." in plan.host else "",
            "allow_anonymous false",
            f"password_file {here / 'passwords'}",
            f"acl_file {here / 'acl'}",
            "set_tcp_nodelay true",
            "max_inflight_messages 1000",
            "max_queued_messages 100000",
            f"message_size_limit {MAX_PAYLOAD_BYTES}",
            "max_keepalive 120",
            "persistent_client_expiration 7d",
            "persistence true",
            f"persistence_location {here}/",
            "autosave_interval 60",
            "log_dest stderr",
            "log_type error",
            "log_type warning",
            "log_type notice",
            "log_timestamp_format %Y-%m-%dT%H:%M:%S",
            "connection_messages false",
            "",
        )
    )


def access() -> str:
    """The text of the ACL file: the server everything of ours, each terminal its own topics."""
    own = (f"pattern {what} {topic}" for what, topic in topics.DEVICE_ACCESS)
    return "\n".join((f"user {SERVER_USER}", f"topic readwrite {topics.EVERYTHING}", "", *own, ""))


def write(plan: BrokerPlan, passwords: Mapping[str, str]) -> Path:
    """Write configuration, ACL and hashed passwords under ``plan.directory``; return mosquitto.conf's path.

    ``passwords``: user -> password, ``server`` among them. Raises BrokerError if mosquitto is not installed.
    """
    if SERVER_USER in plan.devices:
        raise BrokerError(f"a terminal cannot be called {SERVER_USER!r}: that is the server's own user")
    plan.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    (plan.directory / "acl").write_text(access(), encoding="ascii")
    (plan.directory / "acl").chmod(0o600)
    fresh = plan.directory / "passwords.new"
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.writelines(f"{topics.checked(user)}:{refuse_sample(word, user)}\n" for user, word in passwords.items())
    # -U hashes the whole file in place, so no password ever stands on a command line
    done = subprocess.run([_program("mosquitto_passwd"), "-U", str(fresh)], capture_output=True, text=True, check=False)
    if done.returncode:
        fresh.unlink()
        raise BrokerError(f"mosquitto_passwd failed: {done.stderr.strip()}")
    fresh.chmod(0o600)
    fresh.replace(plan.directory / "passwords")
    path = plan.directory / "mosquitto.conf"
    path.write_text(configuration(plan), encoding="utf-8")
    return path


class Broker:
    """A mosquitto of our own: ``start`` returns when it answers our password, ``stop`` when it has gone."""

    def __init__(self, plan: BrokerPlan, passwords: Mapping[str, str]) -> None:
        self.plan = plan
        self._passwords = dict(passwords)
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    @property
    def fallen(self) -> bool:
        """It was started and has ended by itself."""
        return self._child is not None and self._child.poll() is not None

    def command(self) -> list[str]:
        """Write the configuration and say what to run. Raises BrokerError if the port is taken or mosquitto missing."""
        _port_is_free(self.plan.host, self.plan.port)
        return [_program("mosquitto"), "-c", str(write(self.plan, self._passwords))]

    def start(self, timeout_s: float = 10.0) -> None:
        """Start and wait until the broker lets ``server`` in.

        Raises BrokerError, with one clear line, if the port is taken, mosquitto is missing or does not come up.
        """
        plan = self.plan
        command = self.command()
        log = plan.directory / "mosquitto.log"
        with log.open("ab") as out:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,  # Ctrl-C goes to the launcher, which ends its children in order
                preexec_fn=die_with_parent,  # noqa: PLW1509  (one prctl call; see children)
            )
        deadline = time.monotonic() + timeout_s
        while not _lets_in(plan.host, plan.port, SERVER_USER, self._passwords[SERVER_USER]):
            if self._child.poll() is not None:
                self._child = None
                raise BrokerError(f"mosquitto did not start: {_last_line(log)}")
            if time.monotonic() > deadline:
                self.stop()
                raise BrokerError(f"mosquitto does not answer on {plan.host}:{plan.port} after {timeout_s:g} s")
            time.sleep(0.02)

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the broker (it writes its store first); kill it if it does not end in ``timeout_s``."""
        child, self._child = self._child, None
        if child is None:
            return
        child.terminate()
        try:
            child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def kill(self) -> None:
        """Take the power away (kill -9): for tests of what is lost."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()


def embedded(var: Path, devices: Iterable[str], host: str = "127.0.0.1", port: int = 1883) -> Broker:
    """The broker of the embedded default: files under ``var/broker``, passwords made where missing."""
    names = tuple(devices)
    plan = BrokerPlan(var.resolve() / "broker", host, port, names)
    return Broker(plan, {user: password(var, user) for user in (SERVER_USER, *names)})


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise BrokerError(f"{name} is not installed; run: apt install mosquitto")
    return found


def _port_is_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BrokerError(f"port {port} on {host} cannot be used for the broker: {error.strerror}") from error


def _lets_in(host: str, port: int, user: str, word: str) -> bool:
    """Connect as ``user`` (clean session) and say whether the broker accepted: the port alone could be anybody's."""
    body = b"\x00\x04MQTT\x04\xc2\x00\x05"  # MQTT 3.1.1, user + password + clean session, keep-alive 5 s
    for field in ("jiaohao-probe", user, word):
        raw = field.encode()
        body += len(raw).to_bytes(2, "big") + raw
    packet = bytes((0x10, len(body))) + body  # fewer than 128 bytes: one length byte
    try:
        with socket.create_connection((host, port), timeout=1.0) as link:
            link.sendall(packet)
            answer = link.recv(4)
            link.sendall(b"\xe0\x00")
    except OSError:
        return False
    return answer == b"\x20\x02\x00\x00"


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


assert messages.MAX_BYTES < MAX_PAYLOAD_BYTES  # noqa: S101  (a rule of this file, checked at import)
