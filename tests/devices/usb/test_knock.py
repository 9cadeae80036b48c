"""A network device that comes back is noticed without waiting for the next try."""

from __future__ import annotations

import pytest

from devices.errors import BadAddress
from devices.knock import EVERY_S, knock_watch
from devices.simulated_socket import SimulatedSocket
from devices.transport import node_watch

pytestmark = pytest.mark.wire


def test_a_port_that_opens_is_seen_at_the_next_knock() -> None:
    now_s = 100.0
    with SimulatedSocket() as end:
        port = int(end.address.rpartition(":")[2])
        look = knock_watch("127.0.0.1", port, lambda: now_s)
        assert look() is True
        end.unplug()
        assert look() is True, "not asked again so soon"
        now_s += EVERY_S
        assert look() is None
        end.plug()
        now_s += EVERY_S
        assert look() is True


def test_names_are_not_looked_up() -> None:
    assert node_watch("socket://printer.example:9100")() is None


def test_an_address_is_checked_at_once() -> None:
    with pytest.raises(BadAddress):
        node_watch("socket://127.0.0.1:99999")
    with pytest.raises(BadAddress):
        node_watch("socket://127.0.0.1")
