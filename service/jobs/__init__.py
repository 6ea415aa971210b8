"""Scenarios that take long: records, queue, worker; OGC API - Processes."""
