"""Readers of second-generation identity cards and their relatives (SAM modules, GA 450 family)."""
