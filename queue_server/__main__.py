"""The server's command line: ``serve`` runs one server, ``broker`` its broker, ``bench`` measures both.

python -m queue_server serve --var var
python -m queue_server broker --var var
python -m queue_server bench --json figures.json
python -m queue_server generate days --windows 10 --load 0.95
python -m queue_server simulate days --policy sla --out calls
python -m queue_server tune days
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from queue_server import broker, config
from queue_server.broker import BrokerError


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0; 2 with one line when it cannot be started."""
    parser = argparse.ArgumentParser(prog="python -m queue_server", description="叫号: the queue server.")
    commands = parser.add_subparsers(dest="command", required=True)
    _serve_options(commands.add_parser("serve", help="run one server until SIGTERM or Ctrl-C"))
    _broker_options(commands.add_parser("broker", help="write the broker's configuration and become mosquitto"))
    from queue_server.bench import options  # noqa: PLC0415  (each command imports only what it needs)

    options.add(commands.add_parser("bench", help="measure the shipped server beside the bare broker"))
    options.add_forecast(commands.add_parser("forecast-bench", help="how right the waits shown are, beside plain sums"))
    from queue_server.simulate import options as simulations  # noqa: PLC0415

    simulations.add(commands)
    from queue_server.tune import options as tuning  # noqa: PLC0415

    tuning.add(commands)
    from queue_server.sheets import options as booking  # noqa: PLC0415

    booking.add(commands, config.DEMO)
    chosen = parser.parse_args(arguments)
    if chosen.command in booking.COMMANDS:
        return booking.run(chosen)
    if chosen.command in simulations.COMMANDS:
        return simulations.run(chosen)
    if chosen.command in tuning.COMMANDS:
        return tuning.run(chosen)
    if chosen.command == "forecast-bench":
        from queue_server.bench import foretold  # noqa: PLC0415

        return foretold.main(chosen)
    if chosen.command == "bench":
        from queue_server.bench import suite  # noqa: PLC0415

        return suite.main(chosen)
    if chosen.command == "broker":
        return _broker(chosen)
    return _serve(chosen)


def _serve_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--var", type=Path, default=Path("var"), help="where data and secrets lie")
    add("--plans", type=Path, default=config.DEMO, help="the city's sites, halls and terminals (TOML)")
    add("--database", default=None, metavar="URL", help="postgresql+psycopg://... instead of SQLite under --var")
    add("--mqtt-host", default="127.0.0.1")
    add("--mqtt-port", type=int, default=1883)
    add("--http-host", default="127.0.0.1")
    add("--http-port", type=int, default=8080)
    add("--public-url", default=None, help="what citizens' phones reach; default: the pages' own address")
    add("--server-id", default="server-1", help="the same after a restart, different for each server of a city")
    add("--no-forecasts", action="store_true", help="show the plain sums, without a forecasting process")
    add("--city-url", default="", help="the city's booking platform; its token: var/secrets/city-token")
    add("--records-url", default="", help="the offices' records (https); its token: var/secrets/records-token")
    add("--texts-url", default="", help="the gateway for text messages (https); its token: var/secrets/texts-token")
    add("--rollouts", action="store_true", help="try the coming hour out before each call (not with --no-forecasts)")
    add("--link", action="append", default=[], metavar="NAME=URL", help="shown on the first page; may be repeated")
    add("--log", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))


def _broker_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--var", type=Path, default=Path("var"), help="where configuration, store and secrets lie")
    add("--plans", type=Path, default=config.DEMO, help="the city whose terminals may come (TOML)")
    add("--mqtt-host", default="127.0.0.1", help="the address to listen on")
    add("--mqtt-port", type=int, default=1883)


def _broker(chosen: argparse.Namespace) -> int:  # noqa: RET503  (execv does not return)
    """As a system service: the files are written anew, then this process is mosquitto."""
    try:
        devices = config.load_plans(chosen.plans).devices
        command = broker.embedded(chosen.var, devices, chosen.mqtt_host, chosen.mqtt_port).command()
    except (config.BadConfig, BrokerError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    os.execv(command[0], command)  # noqa: S606  (no shell wanted)


def _serve(chosen: argparse.Namespace) -> int:
    logging.basicConfig(
        level=chosen.log, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    from queue_server.fleet import NoOwner  # noqa: PLC0415
    from queue_server.people.keys import BadKeys  # noqa: PLC0415
    from queue_server.people.vault import VaultError  # noqa: PLC0415
    from queue_server.server import PortTaken, Server  # noqa: PLC0415
    from queue_server.store.errors import StoreDown  # noqa: PLC0415

    try:
        settings = config.settings(
            chosen.var,
            database_url=chosen.database,
            mqtt_host=chosen.mqtt_host,
            mqtt_port=chosen.mqtt_port,
            http_host=chosen.http_host,
            http_port=chosen.http_port,
            public_url=chosen.public_url,
            server_id=chosen.server_id,
            plans_path=chosen.plans,
            city_url=chosen.city_url,
            records_url=chosen.records_url,
            texts_url=chosen.texts_url,
            forecasts=not chosen.no_forecasts,
            rollouts=chosen.rollouts,
            links=dict(link.partition("=")[::2] for link in chosen.link),
        )
        return Server(settings, config.load_plans(chosen.plans)).run()
    except (config.BadConfig, BrokerError, BadKeys, VaultError, NoOwner, PortTaken) as error:
        sys.stderr.write(f"{error}\n")
    except (StoreDown, sa.exc.SQLAlchemyError) as error:
        # the driver's text may hold the URL with its password
        sys.stderr.write(f"the database cannot be used: {type(error).__name__}\n")
    except OSError as error:
        sys.stderr.write(f"{error}\n")
    return 2


if __name__ == "__main__":
    raise SystemExit(main())
