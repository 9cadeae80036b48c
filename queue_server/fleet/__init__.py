"""The terminals: who answers for each, whether it lives, and how its reader, printer and scanner are.

``terminal`` holds the rules (pure), ``fleet`` the one thread that applies them, keeps what is known in the
side database and tells whoever listens. Shown on the technician's page.
"""

from queue_server.fleet.fleet import Fleet
from queue_server.fleet.terminal import DeviceView, NoOwner, Registration

__all__ = ["DeviceView", "Fleet", "NoOwner", "Registration"]
