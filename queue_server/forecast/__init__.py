"""How long will it take? The hall as it stands is played forward a hundred times, and what came out is said.

``sketch`` draws up the hall as the forecast sees it (a ``scene``), ``memory`` is what its past days have taught;
``futures`` draws what may come, ``look`` plays it through the compiled twin of dispatch and reads off the waits.
``conformal`` keeps the upper end honest, ``cures`` tries what would save a promise in danger. All of that is pure.
``child`` is the process that does it, ``line`` the server's thread beside it, ``foretold`` what was published: no
ticket ever waits for any of them.
"""
