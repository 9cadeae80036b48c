"""What the server tells a terminal once and for longer: the catalogue, and where else to go. Kept on the disk.

The link's thread hears it here, so that a catalogue is made ready for searching where nobody waits for it.
"""

from __future__ import annotations

from firmware_cfg.profile import Profile
from kiosk.catalogue import from_wire
from kiosk.catalogue_copy import CatalogueCopy
from kiosk.events import CatalogueChanged, NearChanged
from kiosk.near_copy import NearCopy
from queue_server.wire import messages as wire
from queue_server.wire import topics


class KeptCopies:
    """``topics``: where it is told."""

    def __init__(self, profile: Profile) -> None:
        kiosk, var = profile.kiosk, profile.var.path
        self._catalogue_topic = topics.site_down(kiosk.site, kiosk.id, "cat")
        self._near_topic = topics.site_down(kiosk.site, kiosk.id, "near")
        self.topics = (self._catalogue_topic, self._near_topic)
        self._catalogue = CatalogueCopy(var / "catalogue.json")
        self._near = NearCopy(var / "near.json")

    @property
    def version(self) -> str:
        """Of the catalogue in use."""
        return self._catalogue.version

    def first(self) -> tuple[CatalogueChanged | NearChanged, ...]:
        """What is known at the start, before anybody has told anything."""
        near = self._near.first()
        return (_ready(self._catalogue.first()), *((NearChanged(near),) if near else ()))

    def heard(self, topic: str, body: bytes) -> CatalogueChanged | NearChanged | None:
        """What came on one of ``topics``, if it is news. Raises msgspec.DecodeError."""
        if topic == self._near_topic:
            near = self._near.take(body)
            return NearChanged(near) if near else None
        catalogue = self._catalogue.take(body)
        return _ready(catalogue) if catalogue else None


def _ready(catalogue: wire.Catalogue) -> CatalogueChanged:
    from_wire(catalogue)
    return CatalogueChanged(catalogue)
