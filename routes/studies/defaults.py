"""Defaults of the studies, also read by the command line."""

from __future__ import annotations

LEAST_SHARE = 0.02
"""Gateways that carry at least this share of flow are closed."""
BLOCK_M = 50_000.0
"""Edge of a spatial block. Assumption."""
TOLERANCE_M = 5000.0
"""Distance in metres between a record and its event. Assumption."""
VALIDATION_SEED = 0
