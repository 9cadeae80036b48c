"""The ticket printer (ESC/POS): a slip becomes bytes, and the end of the print-out becomes known.

``slip`` says what a ticket carries, ``profile`` what a printer can do, ``render`` turns the one into bytes for
the other, ``protocol`` understands the answers, ``driver`` drives a unit, ``sim`` is the other end of the wire.
"""
