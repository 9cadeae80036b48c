"""What staff tell terminals to do: signed, kept, sent again until it is known what became of it.

``keys`` makes the server's signing key, ``commander`` issues orders and hears their answers, ``codes`` keeps the
secrets from which a technician's one-time codes come.
"""

from queue_server.orders.codes import Code, TechnicianCodes
from queue_server.orders.commander import Answer, Commander, Issued
from queue_server.orders.keys import signing_key

__all__ = ["Answer", "Code", "Commander", "Issued", "TechnicianCodes", "signing_key"]
