"""A hall's day on a virtual clock, through the real domain: the bench on which dispatch is measured.

``traces`` reads and writes recorded days, ``generate`` makes them, ``play`` is the day as a sequence of moments, played
to a *door*: ``day`` is the door that leads straight into ``decide`` and ``evolve``, ``replay`` the one that leads to a
running server over MQTT and HTTP. ``score`` counts the penalty points of sla.md §1. Nothing here decides who is next.
"""
