"""Booking sheets and staffing advice: what a hall may sell and whom it needs, found by simulated days.

Everything here is worked out ahead, beside the desk, from plain records: ``demand`` (who is expected, from a
hall's history or its configuration) and ``bench`` (which windows are planned when) make the days of ``days``;
``admission`` sells places into them until one more would break a promise; ``staffing`` asks how few windows
keep it. A sheet then enters its hall as a command like any other.
"""
