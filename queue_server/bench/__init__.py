"""The benchmark: the shipped server under load, each figure beside what the bare broker can do on this machine.

``python -m queue_server bench``: see ``suite``.
"""
