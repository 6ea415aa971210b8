"""What was fetched: its addresses, the record beside each file, and archives unpacked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.sources.fetched.addresses import (
        LONGEST_NAME,
        SCHEMES,
        Database,
        Mirrors,
        check_address,
        credentials,
        file_name,
        has_parts,
        host_of,
        is_database,
        is_private,
        next_address,
        origin,
        plain_name,
        redact,
        source_key,
        table_name,
    )
    from geodata.sources.fetched.pages import SPACE, is_page, refuse_page
    from geodata.sources.fetched.records import (
        OSM_CREDIT,
        SUFFIX,
        UNKNOWN_CREDIT,
        Record,
        files_of,
        is_unchanged,
        read_record,
        records_beside,
    )
    from geodata.sources.fetched.unpacking import unpack

__all__ = [
    "LONGEST_NAME",
    "OSM_CREDIT",
    "SCHEMES",
    "SPACE",
    "SUFFIX",
    "UNKNOWN_CREDIT",
    "Database",
    "Mirrors",
    "Record",
    "check_address",
    "credentials",
    "file_name",
    "files_of",
    "has_parts",
    "host_of",
    "is_database",
    "is_page",
    "is_private",
    "is_unchanged",
    "next_address",
    "origin",
    "plain_name",
    "read_record",
    "records_beside",
    "redact",
    "refuse_page",
    "source_key",
    "table_name",
    "unpack",
]

__getattr__, __dir__ = offer(__name__)
