"""What screens are put together from: ``grounds`` (text, cards, icons), ``keys`` (controls), ``pictures`` (things
seen before they are read), ``paint`` (their textures).
"""
