"""What can go wrong between the desk and its database, named for what the desk does about it."""

from __future__ import annotations


class HallMovedOn(Exception):  # noqa: N818  (a race, not a fault: load again and decide again)
    """Someone wrote to this hall first: its next ``seq``, a request id or a number is taken."""

    def __init__(self, hall: str) -> None:
        super().__init__(hall)
        self.hall = hall


class LeaseLost(Exception):  # noqa: N818  (another server has the hall: stop deciding for it)
    """The hall's lease has another epoch than the writer believes; nothing was written."""

    def __init__(self, hall: str) -> None:
        super().__init__(hall)
        self.hall = hall


class Unstorable(Exception):  # noqa: N818  (a poison command, to be singled out)
    """The database refuses a value (a NUL in a text, a number out of range): trying again cannot help."""


class StoreDown(ConnectionError):  # noqa: N818  (named for the condition)
    """The database cannot be reached, is locked, full or closing: wait and try the very same again.

    Whether the last transaction was committed may be unknown; trying again then meets HallMovedOn.
    """
