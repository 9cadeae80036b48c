"""Cases: what citizens say of the service, and what has to follow from it.

``ratings`` keeps what was rated (好差评), without anybody's name, and marks a bad rating as a case to be taken up.
"""

from queue_server.cases.ratings import Rated, Ratings, Tally

__all__ = ["Rated", "Ratings", "Tally"]
