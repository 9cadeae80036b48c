"""What makes one terminal different from the next: its profile, its screen, its devices, its catalogue.

Imports the standard library only. ``load.load_profile`` is the one way to a ``Profile``;
``catalogue.load_catalogue`` is the one way to the shipped matters.
"""
