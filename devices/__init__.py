"""Drivers, simulators and supervision for a hall kiosk's peripherals.

Each device folder has the same four roles: ``record`` (what it yields), ``protocol`` (bytes to messages,
no I/O), ``driver`` (a state machine over a transport), ``sim`` (the other end of the wire, written from
the published bytes). Imports nothing else of this project.
"""
