"""What a step of the flow asks the outside to do. The flow never does it itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from devices.printer.slip import Slip
from queue_server.wire import messages as wire
from queue_server.wire.types import Lang


@dataclass(frozen=True, slots=True)
class Send:
    """Put a request into the outbox (durable), then on the wire until it is answered. ``hall``: whose topic."""

    hall: str
    request: wire.AnyRequest


@dataclass(frozen=True, slots=True)
class Print:
    """Print ``slip`` once as job ``job``; its end comes back as PrintEnded."""

    job: str
    slip: Slip


@dataclass(frozen=True, slots=True)
class TypeKey:
    """One key of the number pad to the reading process: 0-9, X, ``erase``, ``clear``, ``enter``; or ``phone``.

    ``phone`` begins a telephone number, ``clear`` an identity number.
    """

    key: str


@dataclass(frozen=True, slots=True)
class EndSession:
    """The citizen has left: end the reading process (and start a fresh one), drop what was stamped with the session."""


@dataclass(frozen=True, slots=True)
class PanelLights:
    """``calling``: the lamp blinks while somebody waits for help. ``speaking``: the light of the speech key."""

    calling: bool = False
    speaking: bool = False


@dataclass(frozen=True, slots=True)
class Buzz:
    """One short sound of the panel's buzzer: the call was heard."""


@dataclass(frozen=True, slots=True)
class WantCodes:
    """Whether a code could be used now: scan light and camera rest when it could not."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class Repeat:
    """Say once more what was said last; ``whole``: the page from its beginning."""

    whole: bool = False


@dataclass(frozen=True, slots=True)
class Speak:
    """Say ``text``; what is being said now is interrupted."""

    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Tell the server that its order was carried out."""

    order: str


@dataclass(frozen=True, slots=True)
class Leave:
    """End the program: ``restart``, to be started again at once; ``service``, to stay out for the technician."""

    how: Literal["restart", "service"]


@dataclass(frozen=True, slots=True)
class IssueOffline:
    """Give a number of the terminal's own, on the disk before anything else; the answer comes at once as an event.

    ``request`` is the id under which the ticket is handed in; ``letter`` the group's; ``replaces`` the request in
    whose place it is given, empty if none was sent.
    """

    request: str
    token: str = field(repr=False)
    matters: tuple[str, ...]
    letter: str
    lang: Lang
    replaces: str = ""
    remote: bool = False
    """To be served by video from here."""
    claim: wire.Claim | None = field(default=None, repr=False)
    """Its citizen says to be booked."""
    for_other: wire.ForOther | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """Give a record's box to the reading process, which alone can open it; RecordOpened or RecordTrouble follows."""

    box: str


@dataclass(frozen=True, slots=True)
class ShowRecord:
    """Ask the reading process for the lines as they are; RecordWhole follows."""


@dataclass(frozen=True, slots=True)
class PrintRecord:
    """Have the reading process write the record's slip, and print it once as ``job``; PrintEnded follows.

    ``place`` and ``at`` say where and when it was printed.
    """

    job: str
    lang: str
    title_zh: str
    title_en: str
    place: str
    at: str


@dataclass(frozen=True, slots=True)
class TryCode:
    """A technician has typed a whole code; what it does comes back as CodeTried."""

    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Inspect:
    """Open ``device`` anew and ask who it is; comes back as Inspected."""

    device: str


@dataclass(frozen=True, slots=True)
class NewPaper:
    """A new roll is in the printer."""


@dataclass(frozen=True, slots=True)
class AskFacts:
    """What is known of the network; comes back as FactsFound."""


@dataclass(frozen=True, slots=True)
class LogLevel:
    """How much the log says until the program ends."""

    level: str


@dataclass(frozen=True, slots=True)
class Report:
    """Tell the fleet, by a code."""

    code: wire.NoteCode


TechnicianEffect = TryCode | Inspect | NewPaper | AskFacts | LogLevel | Report
Effect = (
    Send
    | Print
    | TypeKey
    | EndSession
    | PanelLights
    | Buzz
    | WantCodes
    | Repeat
    | Speak
    | Acknowledge
    | Leave
    | IssueOffline
    | OpenRecord
    | ShowRecord
    | PrintRecord
    | TechnicianEffect
)
