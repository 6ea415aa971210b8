"""Files written completely or not at all, and known by their hash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.formats.files.claims import claim
    from geodata.formats.files.disks import FAILING, FULL, require_room, translate_disk_errors
    from geodata.formats.files.exchange import is_hidden, lock, sync_directory, sync_file
    from geodata.formats.files.layouts import Layout
    from geodata.formats.files.places import check_place, real_place, unwritable_error
    from geodata.formats.files.seals import Seal, open_plain, stamp
    from geodata.formats.files.staging import staged, sweep
    from geodata.formats.files.store import (
        check_file,
        check_target,
        digests,
        sha256,
        whole_directory,
        whole_file,
    )
    from geodata.formats.files.temporary import (
        NoRoomError,
        Temporary,
        sweep_temporary,
        translate_temporary_errors,
    )

__all__ = [
    "FAILING",
    "FULL",
    "Layout",
    "NoRoomError",
    "Seal",
    "Temporary",
    "check_file",
    "check_place",
    "check_target",
    "claim",
    "digests",
    "is_hidden",
    "lock",
    "open_plain",
    "real_place",
    "require_room",
    "sha256",
    "staged",
    "stamp",
    "sweep",
    "sweep_temporary",
    "sync_directory",
    "sync_file",
    "translate_disk_errors",
    "translate_temporary_errors",
    "unwritable_error",
    "whole_directory",
    "whole_file",
]

__getattr__, __dir__ = offer(__name__)
