"""What a panel's edges mean: its inputs, its keys, and how it is. No pin, no clock, no thread.

The driver tells every edge, what the pins read when it looks at them, and each scan of the keypad; it gets back the
events to emit. A key counts when it goes down. One that is down already when the panel is opened was pressed for
somebody else and says nothing, but if it stays down it is stuck.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from devices.events import KeyPressed, PanelChanged, PanelInput
from devices.gpio.debounce import Change, Contact
from devices.gpio.record import InputPin, PanelLayout

PanelEvent = PanelChanged | KeyPressed


class PanelState:
    """``levels`` is what each input pin of ``layout`` reads at ``at_s``: True is high, electrically.

    ``keys_down`` are the matrix's keys found down then. ``device`` is the name that events carry.
    """

    def __init__(
        self, device: str, layout: PanelLayout, levels: Mapping[int, bool], keys_down: Iterable[str], at_s: float
    ) -> None:
        self._device = device
        self._stuck_s = layout.stuck_s
        self._names: dict[int, PanelInput | str] = {}
        self._pins: dict[int, tuple[InputPin, Contact]] = {}
        for name, pin in (*layout.inputs.items(), *layout.keys.items()):
            contact = Contact(
                active=levels[pin.pin] is pin.active_high,
                at_s=at_s,
                debounce_s=pin.debounce_s,
                hold_off_s=pin.hold_off_s,
            )
            self._names[pin.pin] = name
            self._pins[pin.pin] = pin, contact
        down = set(keys_down)
        self._matrix: dict[str, Contact] = {}
        if layout.matrix is not None:
            for key in layout.matrix.names:
                self._matrix[key] = Contact(active=key in down, at_s=at_s, debounce_s=layout.matrix.debounce_s)

    @property
    def inputs(self) -> list[PanelChanged]:
        """How each input stands now, to be told when the panel is opened."""
        return [
            PanelChanged(self._device, name, contact.active)
            for pin, (_, contact) in self._pins.items()
            if isinstance(name := self._names[pin], PanelInput)
        ]

    @property
    def reason(self) -> str:
        """Why the panel is degraded, the gravest first; empty when all is well."""
        active = {change.input for change in self.inputs if change.active}
        if PanelInput.TAMPER in active:
            return "tamper"
        if PanelInput.DOOR in active:
            return "door-open"
        if any(contact.chattering for contact in self._contacts()):
            return "panel-chatter"
        return "key-stuck" if any(contact.held_s >= self._stuck_s for contact in self._keys()) else ""

    @property
    def wants_scan(self) -> bool:
        """Whether the keypad must be scanned again soon: a key is down, or not yet believed to be up."""
        return any(contact.active or not contact.settled for contact in self._matrix.values())

    @property
    def scan_is_news(self) -> bool:
        """Whether the next scan may end in an event; a key that merely lies there needs no haste."""
        return any(not contact.settled or 0 < contact.held_s < 1.0 for contact in self._matrix.values())

    @property
    def due_s(self) -> float | None:
        """When ``until`` must be called at the latest; None when nothing is pending."""
        return min((due for _, contact in self._pins.values() if (due := contact.due_s) is not None), default=None)

    def edge(self, pin: int, *, high: bool, at_s: float) -> list[PanelEvent]:
        """Input ``pin`` went high or low at ``at_s``."""
        wiring, contact = self._pins[pin]
        return self._told((change, pin) for change in contact.edge(active=high is wiring.active_high, at_s=at_s))

    def look(self, levels: Mapping[int, bool], at_s: float) -> list[PanelEvent]:
        """All input pins were read at ``at_s``: mends what lost edges left wrong."""
        return self._told(
            (change, pin)
            for pin, (wiring, contact) in self._pins.items()
            for change in contact.look(active=levels[pin] is wiring.active_high, at_s=at_s)
        )

    def scanned(self, keys_down: frozenset[str] | None, at_s: float) -> list[PanelEvent]:
        """The keypad was scanned at ``at_s``; None for a reading that ghosts made useless, which changes nothing."""
        if keys_down is None:
            return []
        return [
            KeyPressed(self._device, key)
            for key, contact in self._matrix.items()
            for change in contact.look(active=key in keys_down, at_s=at_s)
            if change.active
        ]

    def until(self, now_s: float) -> list[PanelEvent]:
        """Let time pass for the pins; the keypad's time passes with its scans alone."""
        return self._told((change, pin) for pin, (_, contact) in self._pins.items() for change in contact.until(now_s))

    def _told(self, changes: Iterable[tuple[Change, int]]) -> list[PanelEvent]:
        """Events for what changed, in the order in which it happened; a key's coming up is none."""
        events: list[PanelEvent] = []
        for change, pin in sorted(changes, key=lambda one: one[0].at_s):
            name = self._names[pin]
            if isinstance(name, PanelInput):
                events.append(PanelChanged(self._device, name, change.active))
            elif change.active:
                events.append(KeyPressed(self._device, name))
        return events

    def _keys(self) -> Iterator[Contact]:
        yield from self._matrix.values()
        yield from (contact for pin, (_, contact) in self._pins.items() if not isinstance(self._names[pin], PanelInput))

    def _contacts(self) -> Iterator[Contact]:
        yield from self._matrix.values()
        yield from (contact for _, contact in self._pins.values())
