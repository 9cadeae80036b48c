"""Trying out the coming hour before a call: advice beside the index, never in its place.

``adviser`` asks what a hall may become (the forecast's scene and futures) and lets the twin try each candidate;
``beside`` does so for a server, with a deadline and off the desk's thread. What comes of it is an ``Advice`` of the
command ``CallNext``; the domain looks at it again and follows it only while it fits the hall.
"""
