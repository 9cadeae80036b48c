"""What a camera is told: the same record as a triggered scan engine is.

``Wanted(True)``: look for codes until told otherwise. ``Wanted(False)``: nobody wants any, so the camera is switched
off and forgets what it saw.
"""

from devices.scanner.driver import Wanted

__all__ = ["Wanted"]
