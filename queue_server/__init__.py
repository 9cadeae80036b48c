"""The queue server: halls, promises, tickets.

This package's root and ``queue_server.wire`` import nothing but msgspec, so that a kiosk-only
installation can speak the wire without the server's libraries (a test proves it).
"""
