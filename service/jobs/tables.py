"""The tables of the records of jobs, and the conditions on the network of a job."""

from __future__ import annotations

NETWORKS = "CREATE TABLE IF NOT EXISTS networks (digest TEXT PRIMARY KEY, beat REAL NOT NULL)"
"""Time when each network last had a worker. Records of earlier versions have no such table."""
WAITING = "CREATE INDEX IF NOT EXISTS those_that_wait ON jobs (id) WHERE state = 'accepted'"
"""Idle workers look for these all the time, among many that are done."""
SCHEMA = f"""
PRAGMA journal_mode = WAL;
BEGIN;
CREATE TABLE jobs (
    id TEXT PRIMARY KEY, key TEXT NOT NULL, state TEXT NOT NULL, request TEXT NOT NULL,
    message TEXT NOT NULL, progress INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
    problem TEXT, bytes INTEGER NOT NULL DEFAULT 0, beat REAL NOT NULL DEFAULT 0,
    created REAL NOT NULL, started REAL, finished REAL, updated REAL NOT NULL
);
CREATE UNIQUE INDEX one_job_a_question ON jobs (key)
    WHERE state IN ('accepted', 'running', 'successful');
CREATE INDEX by_time ON jobs (created);
{WAITING};
CREATE TABLE workers (pid INTEGER PRIMARY KEY, beat REAL NOT NULL);
{NETWORKS};
COMMIT;
"""

_OBJECT = "json_type(iif(json_valid(request), request, 'null')) = 'object'"
"""Whether the question of a job can be read."""
NETWORK = "ifnull(json_extract(iif(json_valid(request), request, '{}'), '$.network'), '')"
"""The network that a job asks about."""
OURS = (
    f"(NOT {_OBJECT} OR {NETWORK} = ? OR max(?, created, ifnull((SELECT beat FROM networks "
    f"WHERE digest = {NETWORK}), 0)) NOT BETWEEN ? AND ?)"
)
"""Whether a job is for the workers of a network: it is about this network, or about one without
workers since some moment. Workers of that network need time to start, hence the earliest moment.
One that does not say what it is about is for whoever comes first, to end it."""
