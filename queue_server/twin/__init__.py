"""The compiled twin of dispatch: what the hall's rules would do, thousands of days a second.

``domain/dispatch.py`` decides who is called; nothing here ever does. But a forecast, a booking sheet, a look
ahead or a search for better parameters must ask "and then?" a hundred thousand times, and for that the same
rule stands here once more over plain arrays, compiled. A differential test holds the two together.

    people, windows = arrays.from_hall(hall, now)          # or from_rows(rows, ...)
    calls = kernel.play(parameters, people, windows, service)   # S futures in one call
"""
