"""Where the hall's truth lies: tables, the event log, leases, snapshots, read-only reports (SQLAlchemy Core)."""
