"""The rules of the hall, pure: standard library only, no clock, no I/O, no randomness.

Read ``model`` for the words, ``messages`` for what can be asked and what can have happened, then
``hall``: ``decide(hall, command, now) -> events`` and ``evolve(hall, event) -> hall``.
"""
