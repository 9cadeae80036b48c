"""The citizen's terminal: a pure flow, its views, and the screens that draw them.

``app`` is the only composition root; ``flow`` and ``views`` are pure; ``workers`` and ``link`` bring what
devices and the server say into one inbox.
"""
