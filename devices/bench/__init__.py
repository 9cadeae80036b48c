"""The bench: a page on which the simulated devices of a kiosk are handled as one would by hand.

Lay a card on the reader, show a code to the scanner, tear the paper, pull a cable, and see every printed ticket
as a picture drawn from the bytes that the printer received. The kiosk does not know that it stands on a bench.
"""

from devices.bench.serve import serve

__all__ = ["serve"]
