"""What an UNKNOWN ticket leaves in the printer, and how it is cleared away without sending anything of it again.

It may come out whole when paper is put in: then its confirmation comes late. It may have stopped in the middle of a
command, which would swallow the beginning of the next ticket; or hang out uncut from a printer that was switched off
and on. Zeros end any command (they print nothing between commands and are white in an image), then the style is reset
and the paper cut. At worst that costs 15 mm of blank paper.
"""

from __future__ import annotations

from dataclasses import dataclass

from devices.printer.ladder import Ticket
from devices.printer.profile import PrinterProfile
from devices.printer.render import put_in_order
from devices.printer.talk import Talk


@dataclass(frozen=True, slots=True)
class Late:
    """The confirmation that an UNKNOWN ticket may still get: its ``ident``, or a ``fence`` that was asked for.

    ``waited``: it was given time.
    """

    ident: bytes
    fence: bool
    waited: bool = False

    def came(self, talk: Talk) -> bool:
        """Whether the printer has said meanwhile that it is through with the ticket."""
        return talk.last_done == self.ident or (self.fence and talk.fences_owed == 0)


def end_command(talk: Talk, zeros: int, patience_s: float) -> None:
    """End the command in which a ticket broke off: some printers hear no status request within one.

    Raises WriteStuck where the printer still takes nothing.
    """
    if zeros:
        talk.write(bytes(zeros), Ticket(bytes(zeros), 0.0, b"").wire_s + patience_s)


def put_out(talk: Talk, unfinished_bytes: int, profile: PrinterProfile, patience_s: float) -> float:
    """End the ticket and cut; the millimetres of paper that takes. Raises WriteStuck."""
    rest = Ticket.of(put_in_order(unfinished_bytes, profile), b"")
    talk.write(rest.data, rest.wire_s + patience_s)
    return rest.length_mm
