"""The one place where persons are kept: names and numbers, sealed, looked up by a keyed hash, forgettable.

Everything else of the system knows a person as an opaque ``person_ref``. ``keys`` holds the secrets,
``numbers`` the rule of an identity number, ``masking`` what may be shown where, ``vault`` the rest.
"""
