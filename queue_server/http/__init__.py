"""The web door: pages for clerks, citizens, boards and technicians, and the HTTP API of terminals.

Every request becomes a command to the desk or a reading of an immutable hall; nothing is decided here.
"""
