"""`make run`: the whole hall on one machine, without hardware and without any outside service.

Starts, in this order, each as a child of this process: the broker (mosquitto with the project's own
configuration), the simulated offices (cases and records) and message gateway, the queue server, the bench with the
simulated devices (card reader, printer and scanner behind ptys, camera and panel behind ports), and one kiosk driving
them; where there is no display, a virtual one that the browser can see and click. Everything listens on 127.0.0.1.
Ctrl-C ends every child in the reverse order; should this process be killed, the kernel ends them. A child that dies is
started again, with a pause that grows.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from firmware_cfg.load import load_profile
from queue_server import broker
from queue_server.children import Child, answers, die_with_parent, listening
from queue_server.config import DEMO, BadConfig, load_plans

READY_S = 60.0
SETTLED_S = 30.0


class CannotStart(RuntimeError):  # noqa: N818  (named for the condition)
    """The hall cannot be started; the text is one line that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the hall listens on 127.0.0.1; each can be moved by its option."""

    http: int = 8080
    bench: int = 8081
    screen: int = 8082
    vnc: int = 5982
    mqtt: int = 18830

    def refuse_taken(self) -> None:
        """Raise CannotStart for the first port that somebody else holds."""
        for name in ("http", "bench", "screen", "vnc", "mqtt"):
            port = getattr(self, name)
            with contextlib.closing(socket.socket()) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    raise CannotStart(
                        f"port {port} on 127.0.0.1 is in use: stop the program that holds it, "
                        f"or start with --{name}-port and another number (make run ARGS='--{name}-port N')"
                    ) from None


def _free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody holds now; the simulators take them in a moment, and again after a fall."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(contextlib.closing(socket.socket())) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


class Hall:
    """The children, their start in order, their watch, their end in reverse order."""

    def __init__(self, var: Path, ports: Ports, profile: str, plans: Path, *, kiosk: bool) -> None:
        self.var = var
        self.plans = plans
        self.city = load_plans(plans)
        self.ports = ports
        self.camera_port, self.panel_port, self.records_port, self.texts_port = _free_ports(4)
        self.profile = profile
        self.with_kiosk = kiosk
        self.logs = var / "log"
        self.children: list[Child] = []
        self.broker: broker.Broker | None = None
        self.display = os.environ.get("DISPLAY", "")
        self.own_display = False

    def start(self) -> None:
        """Everything up, in order. Raises CannotStart; what was started is then ended by ``stop``."""
        self.ports.refuse_taken()
        for place in (self.logs, self.var / "run"):
            place.mkdir(parents=True, exist_ok=True)
        self.broker = broker.embedded(self.var, self.city.devices, port=self.ports.mqtt)
        self.broker.start()
        if self.with_kiosk and not self.display:
            self._virtual_display()
        self._launch(self._records())
        self._launch(self._texts())
        self._launch(self._server())
        self._launch(self._bench())
        if self.with_kiosk:
            self._launch(self._kiosk())
            if self.own_display:
                for child in self._screen():
                    self._launch(child)

    def _launch(self, child: Child) -> None:
        self.children.append(child)
        child.start(self.logs)
        deadline = time.monotonic() + READY_S
        while not child.ready():
            if child.fallen or time.monotonic() > deadline:
                what = "ended" if child.fallen else f"did not become ready within {READY_S:.0f} s"
                raise CannotStart(f"the {child.name} {what}; its last words are in {self.logs / (child.name + '.log')}")
            time.sleep(0.1)

    def _records(self) -> Child:
        """The simulated offices that know cases and records."""
        command = [sys.executable, "-m", "queue_server.adapters.records_sim", "--port", str(self.records_port)]
        return Child("records", command, lambda: listening(self.records_port), self._sim_tokens)

    def _texts(self) -> Child:
        """The simulated gateway for text messages; its page shows what phones would."""
        command = [sys.executable, "-m", "queue_server.adapters.texts_sim", "--port", str(self.texts_port)]
        return Child("texts", command, lambda: listening(self.texts_port), self._sim_tokens)

    @property
    def _sim_tokens(self) -> dict[str, str]:
        return {"JIAOHAO_RECORDS_TOKEN": "records-sim", "JIAOHAO_TEXTS_TOKEN": "texts-sim"}

    def _server(self) -> Child:
        base = "http://127.0.0.1"
        links = {"bench": f"{base}:{self.ports.bench}/", "texts": f"{base}:{self.texts_port}/"}
        if self.own_display or not self.display:
            links["kiosk"] = self.screen_url
        command = [
            sys.executable, "-m", "queue_server", "serve", "--var", str(self.var), "--plans", str(self.plans),
            "--http-port", str(self.ports.http), "--mqtt-port", str(self.ports.mqtt),
            "--records-url", f"{base}:{self.records_port}", "--texts-url", f"{base}:{self.texts_port}",
            *(part for name, url in links.items() for part in ("--link", f"{name}={url}")),
        ]  # fmt: skip
        ready = f"{base}:{self.ports.http}/healthz"
        return Child("server", command, lambda: answers(ready), self._sim_tokens, shown=True)

    def _bench(self) -> Child:
        command = [
            *(sys.executable, "-m", "devices", "bench"),
            *("--dir", str(self.var / "run"), "--port", str(self.ports.bench)),
            *("--camera-port", str(self.camera_port), "--panel-port", str(self.panel_port)),
        ]
        url = f"http://127.0.0.1:{self.ports.bench}/api/state"
        return Child("bench", command, lambda: answers(url))

    def _kiosk(self) -> Child:
        run = self.var / "run"
        probe = run / "kiosk-screen.json"
        probe.unlink(missing_ok=True)
        profile = load_profile(self.profile)
        settings = {
            "broker.port": self.ports.mqtt,
            "broker.password_file": broker.password_file(self.var, profile.kiosk.id),
            "kiosk.public_url": f"http://127.0.0.1:{self.ports.http}",
            "kiosk.server_key_file": self.var / "secrets" / "people-box.pub",
            "kiosk.server_sign_file": self.var / "secrets" / "server-sign.pub",
            "idcard.port": run / "idcard",
            "printer.port": run / "printer",
            "scanner.port": run / "scanner",
            "camera.port": f"http://127.0.0.1:{self.camera_port}/camera",
            "panel.pins": f"pigpio://127.0.0.1:{self.panel_port}",
            "panel.layout": "demo",
            "var.path": self.var / "kiosk",
        }
        command = [
            sys.executable, "-m", "kiosk", "--profile", self.profile,
            *(part for key, value in settings.items() for part in ("--set", f"{key}={value}")),
        ]  # fmt: skip
        environment = {
            "DISPLAY": self.display,
            "JIAOHAO_KIOSK_PROBE": str(probe),
            "JIAOHAO_FONTS": str(self.var / "fonts"),
        }
        return Child("kiosk", command, probe.exists, environment)

    def _virtual_display(self) -> None:
        """An X server without a screen, on a free number, of the profile's size."""
        profile = load_profile(self.profile)
        size = f"{profile.screen.width_px}x{profile.screen.height_px}x24"
        reading, writing = os.pipe()
        child = Child(
            "display",
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp", "-noreset"],
            lambda: True,
        )
        self.children.append(child)
        with (self.logs / "display.log").open("ab") as log:
            child.process = subprocess.Popen(
                child.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[writing],
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509  (see Child.start)
            )
        os.close(writing)
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        if not number:
            raise CannotStart(f"the virtual display did not start; see {self.logs / 'display.log'}")
        self.display = f":{number}"
        (self.var / "run" / "display").write_text(self.display)
        self.own_display = True

    def _screen(self) -> list[Child]:
        """The virtual display in the browser: x11vnc shows it, noVNC brings it to a page."""
        vnc, page = self.ports.vnc, self.ports.screen
        return [
            Child(
                "x11vnc",
                ["x11vnc", "-display", self.display, "-localhost", "-rfbport", str(vnc), "-forever", "-shared",
                 "-nopw", "-quiet", "-noxdamage"],
                lambda: listening(vnc),
            ),
            Child(
                "novnc",
                ["websockify", "--web", "/usr/share/novnc", f"127.0.0.1:{page}", f"127.0.0.1:{vnc}"],
                lambda: listening(page),
            ),
        ]  # fmt: skip

    @property
    def screen_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.screen}/vnc.html?autoconnect=1&resize=scale"

    def watch(self, ended: threading.Event) -> None:
        """Start again what falls, each time after a longer pause, until ``ended`` is set."""
        while not ended.wait(0.5):
            if self.broker is not None and self.broker.fallen:
                _say("the broker ended; starting it again")
                self.broker.start()
            for child in self.children:
                if not child.fallen:
                    if child.falls and time.monotonic() - child.started > SETTLED_S:
                        child.falls = 0
                    continue
                child.falls += 1
                pause = min(30.0, 0.5 * 2**child.falls)
                _say(f"the {child.name} ended; starting it again in {pause:.0f} s (log: {self.logs / child.name}.log)")
                if ended.wait(pause):
                    return
                child.start(self.logs)

    def stop(self) -> None:
        """End every child, the last started first."""
        for child in reversed(self.children):
            child.stop()
        if self.broker is not None:
            self.broker.stop()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def addresses(hall: Hall) -> str:
    """What a newcomer opens, a line each."""
    base = f"http://127.0.0.1:{hall.ports.http}"
    rows = [
        ("start here", f"{base}/"),
        ("counter console", f"{base}/counter"),
        ("hall board", f"{base}/board/{next(iter(hall.city.halls))}"),
        ("phone: book a visit", f"{base}/book"),
        ("devices", f"{base}/devices"),
        ("bench (cards, codes, paper)", f"http://127.0.0.1:{hall.ports.bench}/"),
    ]
    if hall.with_kiosk:
        rows.append(("the kiosk's screen", hall.screen_url if hall.own_display else f"display {hall.display}"))
    width = max(len(name) for name, _ in rows)
    return "\n".join(
        ["", "叫号 jiaohao is open:", *(f"  {name:<{width}}  {url}" for name, url in rows), "", "Ctrl-C ends it."]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the hall until Ctrl-C or SIGTERM. Exit 0; 2 if it cannot start."""
    default = Ports()
    parser = argparse.ArgumentParser(prog="make run", description="The whole hall on this machine.")
    parser.add_argument("--var", type=Path, default=Path("var"), help="where the day's data lie (kept over restarts)")
    parser.add_argument(
        "--profile", default="demo", help="the kiosk's profile: demo (1080x1920) or outlet-7in (800x480)"
    )
    parser.add_argument("--plans", type=Path, default=DEMO, help="the city's sites, halls and terminals (TOML)")
    parser.add_argument("--no-kiosk", action="store_true", help="everything but the kiosk")
    for name in ("http", "bench", "screen", "vnc", "mqtt"):
        parser.add_argument(f"--{name}-port", type=int, default=getattr(default, name))
    chosen = parser.parse_args(arguments)
    ports = Ports(chosen.http_port, chosen.bench_port, chosen.screen_port, chosen.vnc_port, chosen.mqtt_port)
    try:
        hall = Hall(chosen.var.resolve(), ports, chosen.profile, chosen.plans, kiosk=not chosen.no_kiosk)
    except BadConfig as error:
        sys.stderr.write(f"{error}\n")
        return 2
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    try:
        hall.start()
        if not ended.is_set():
            _say(addresses(hall))
        hall.watch(ended)
    except (CannotStart, broker.BrokerError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    finally:
        hall.stop()
    _say("closed; the day's tickets are kept.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
