"""Keys: hashes of the inputs of a computation, under which its result is kept."""

from __future__ import annotations

import hashlib
import json


def key_of(*parts: object) -> str:
    """One hash of texts, numbers and tables, as JSON has them."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
