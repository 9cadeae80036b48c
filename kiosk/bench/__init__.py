"""Trials of the kiosk: how well it finds, and how fast."""
