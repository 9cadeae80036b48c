"""What crosses MQTT and HTTP, and nothing else: the only part of the server that a kiosk may import.

Imports msgspec and the standard library only. ``topics`` builds and parses topics, ``messages`` are the
bodies, ``sentences`` are the words for every refusal.
"""
