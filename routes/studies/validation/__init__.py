"""How a result compares with the record of events."""
