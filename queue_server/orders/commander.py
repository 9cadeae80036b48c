"""Issues orders to terminals: signs, keeps, publishes, and shows what became of each.

An order is on the disk before it is sent. An emergency is retained by the broker for every terminal of the site, so
that one which comes back finds it, and published anew whenever a broker comes up; ``over`` takes its place. Other
orders wait for a terminal's kept session with the broker; whether a terminal is open or closed is also sent again at
its birth until it has answered. Nothing is ever taken for done: only a terminal's own word counts.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
import sqlalchemy as sa

from firmware_cfg.sign import sign
from queue_server.orders import tables
from queue_server.plans import DevicePlan, Plans
from queue_server.wire import messages as wire
from queue_server.wire import orders as wire_orders
from queue_server.wire import topics

log = logging.getLogger(__name__)

LIVES = {
    "fire": timedelta(hours=4),
    "other": timedelta(hours=4),
    "closing": timedelta(hours=12),
    "over": timedelta(hours=24),
    "mode": timedelta(days=7),
    "restart": timedelta(minutes=10),
}
"""How long an order is worth carrying out; an emergency also ends by itself then."""
SHOWN = 8
_order = msgspec.json.Decoder(wire.AnyOrder)
_encode = msgspec.json.Encoder().encode

Publish = Callable[[str, bytes, bool], None]
"""``(topic, payload, retain)``, from any thread, never blocks."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A terminal's own word. ``state``: done, refused; ``reason`` of a refusal."""

    state: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Issued:
    """An order as it was given, and the answers there are so far, by terminal."""

    order: wire.AnyOrder
    account: str
    answers: dict[str, Answer] = field(default_factory=dict)


class Commander:
    """The orders of one city. ``issue`` and the questions block on the database: call them from a thread."""

    def __init__(
        self, engine: sa.Engine, plans: Plans, seed: bytes, clock: Callable[[], datetime], new_id: Callable[[], str]
    ) -> None:
        self._engine = engine
        self._plans = plans
        self._seed = seed
        self._clock = clock
        self._new_id = new_id
        self._publish: Publish = lambda _topic, _payload, _retain: None
        self._listeners: list[Callable[[], None]] = []

    def speak_through(self, publish: Publish) -> None:
        """Where orders go out."""
        self._publish = publish

    def listen(self, listener: Callable[[], None]) -> None:
        """``listener()`` is called when an order was given or answered; it must not block."""
        self._listeners.append(listener)

    # --- orders -----------------------------------------------------------------------------------------------

    def emergency(self, account: str, site: str, danger: wire_orders.Danger, zh: str = "", en: str = "") -> Issued:
        """For all terminals of ``site``. Raises KeyError for an unknown site, ValueError for an unfit sentence."""
        if site not in self._plans.sites:
            raise KeyError(site)
        if danger == "other" and not (zh.strip() and en.strip()):
            raise ValueError("both languages are needed")
        own = danger == "other"
        return self._issue(
            account,
            lambda **head: wire.Emergency(
                **head, danger=danger, zh=zh.strip() if own else "", en=en.strip() if own else ""
            ),
            site,
            wire_orders.EVERYBODY,
            LIVES[danger],
        )

    def set_mode(self, account: str, device: str, mode: wire_orders.Mode) -> Issued:
        """Raises KeyError for an unknown terminal."""
        at = self._plans.devices[device]
        return self._issue(account, lambda **head: wire.SetMode(**head, mode=mode), at.site, device, LIVES["mode"])

    def restart(self, account: str, device: str) -> Issued:
        """Raises KeyError for an unknown terminal."""
        at = self._plans.devices[device]
        return self._issue(account, wire.Restart, at.site, device, LIVES["restart"])

    def _issue(
        self, account: str, make: Callable[..., wire.AnyOrder], site: str, device: str, lives: timedelta
    ) -> Issued:
        now = self._clock().astimezone(UTC)
        for _ in range(5):
            with self._engine.begin() as connection:
                last = connection.scalar(sa.select(sa.func.max(tables.orders.c.serial))) or 0
            # Time keeps it growing even where the table was lost with its disk.
            serial = max(last + 1, int(now.timestamp() * 1000))
            order = make(
                id=self._new_id(), site=site, device=device, serial=serial, issued_at=now, expires_at=now + lives
            )
            body = _encode(order).decode()
            _order.decode(body)  # raises ValueError for what no terminal would take: a sentence too long
            signature = base64.b64encode(sign(self._seed, wire_orders.PURPOSE, body.encode())).decode()
            row = {
                "serial": serial, "id": order.id, "site": site, "device": device, "body": body,
                "kind": str(order.__struct_config__.tag), "signature": signature, "account": account,
                "issued": now.timestamp(), "expires": order.expires_at.timestamp(),
            }  # fmt: skip
            try:
                with self._engine.begin() as connection:
                    connection.execute(sa.insert(tables.orders).values(row))
            except sa.exc.IntegrityError:
                continue  # another server took the serial
            break
        else:
            raise RuntimeError("no serial could be taken for an order")
        self._send(order, body, signature)
        self._ring()
        return Issued(order, account)

    def _send(self, order: wire.AnyOrder, body: str, signature: str, only: str | None = None) -> None:
        payload = _encode(wire.SignedOrder(body=body, signature=signature))
        for device in self._audience(order):
            if only is None or device.id == only:
                topic = topics.site_down(device.site, device.id, "cmd")
                self._publish(topic, payload, isinstance(order, wire.Emergency))

    def _audience(self, order: wire.AnyOrder) -> list[DevicePlan]:
        everybody = order.device == wire_orders.EVERYBODY
        return [
            device
            for device in self._plans.devices.values()
            if device.site == order.site and (everybody or device.id == order.device)
        ]

    # --- what comes back --------------------------------------------------------------------------------------

    def rebuild(self) -> None:
        """A broker came up: the last emergency of each site anew, standing or over."""
        now = self._clock().timestamp()
        for site in self._plans.sites:
            row = self._last(site, "emergency", wire_orders.EVERYBODY)
            if row is not None and row.expires > now:
                self._send(_order.decode(row.body), row.body, row.signature)

    def born(self, device: str) -> None:
        """A terminal has come (back): if it does not know yet whether it shall serve, it is told again."""
        at = self._plans.devices.get(device)
        row = self._last(at.site, "mode", device) if at is not None else None
        if row is None or row.expires <= self._clock().timestamp():
            return
        with self._engine.begin() as connection:
            answered = connection.scalar(
                sa.select(tables.answers.c.state).where(
                    tables.answers.c.order_id == row.id, tables.answers.c.device == device
                )
            )
        if answered is None:
            self._send(_order.decode(row.body), row.body, row.signature, only=device)

    def acked(self, device: str, ack: wire.Ack) -> None:
        """A terminal's answer; to an order that nobody gave it, one line in the log."""
        with self._engine.begin() as connection:
            row = connection.execute(sa.select(tables.orders).where(tables.orders.c.id == ack.id)).first()
            if row is None or device not in {one.id for one in self._audience(_order.decode(row.body))}:
                log.warning("%s answers an order that it was not given", device)
                return
            mine = (tables.answers.c.order_id == ack.id) & (tables.answers.c.device == device)
            known = connection.execute(sa.select(tables.answers.c.state).where(mine)).scalar()
            if known == "done":
                return
            connection.execute(sa.delete(tables.answers).where(mine))
            answer = {"order_id": ack.id, "device": device, "state": ack.state, "reason": ack.reason}
            connection.execute(sa.insert(tables.answers).values(answer | {"at": self._clock().timestamp()}))
        self._ring()

    # --- questions --------------------------------------------------------------------------------------------

    def standing(self, site: str) -> Issued | None:
        """The emergency that stands at ``site`` now."""
        row = self._last(site, "emergency", wire_orders.EVERYBODY)
        if row is None or row.expires <= self._clock().timestamp():
            return None
        issued = self._issued([row])[0]
        order = issued.order
        return issued if isinstance(order, wire.Emergency) and order.danger != "over" else None

    def recent(self, device: str) -> list[Issued]:
        """The latest orders for this terminal or for its whole site, the last first."""
        at = self._plans.devices[device]
        with self._engine.begin() as connection:
            rows = connection.execute(
                sa.select(tables.orders)
                .where(tables.orders.c.site == at.site)
                .where(tables.orders.c.device.in_([device, wire_orders.EVERYBODY]))
                .order_by(tables.orders.c.serial.desc())
                .limit(SHOWN)
            ).all()
        return self._issued(rows)

    def audience(self, site: str) -> list[str]:
        return [device.id for device in self._plans.devices.values() if device.site == site]

    def _last(self, site: str, kind: str, device: str) -> sa.Row[tuple[object, ...]] | None:
        table = tables.orders
        with self._engine.begin() as connection:
            return connection.execute(
                sa.select(table)
                .where(table.c.site == site, table.c.kind == kind, table.c.device == device)
                .order_by(table.c.serial.desc())
                .limit(1)
            ).first()

    def _issued(self, rows: Sequence[sa.Row[tuple[object, ...]]]) -> list[Issued]:
        ids = [row.id for row in rows]
        with self._engine.begin() as connection:
            found = connection.execute(sa.select(tables.answers).where(tables.answers.c.order_id.in_(ids))).all()
        answers: dict[str, dict[str, Answer]] = {}
        for row in found:
            at = datetime.fromtimestamp(row.at, UTC)
            answers.setdefault(row.order_id, {})[row.device] = Answer(row.state, row.reason, at)
        return [Issued(_order.decode(row.body), row.account, answers.get(row.id, {})) for row in rows]

    def _ring(self) -> None:
        for listener in self._listeners:
            listener()
