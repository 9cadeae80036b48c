"""Better parameters for a hall's dispatch, from its own days, and proof before anyone adopts them.

``days`` lays recorded days out for the twin, ``points`` counts what a rule would have cost on them, ``search``
looks for a better rule and cross-validates it, ``command`` is ``python -m queue_server tune``. ``history`` writes
the days of a running hall, from its record, in the format of the traces.
"""
