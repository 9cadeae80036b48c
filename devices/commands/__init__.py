"""The technician's commands, one module a group. Only the module of the command that was asked for is imported.

Each module has ``define(parser)``, which adds its arguments and sets ``work``: a function that takes the parsed
options and returns the exit code.
"""
