"""Sandboxes' clients of systems outside the hall, each with a simulator that speaks the same bytes.

Every outside system is closed to us (product.md §0, 10), so each stands here as an interface, a client and the
other end of its wire. What comes from outside becomes a command like any other; nothing outside decides.
"""
