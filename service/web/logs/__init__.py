"""Logs of every request, without its secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from service.web.logs.in_hand import InHand, RequestsInHand
    from service.web.logs.logs import ServerLogger, one_word, register_logs, set_up_logs

__all__ = ["InHand", "RequestsInHand", "ServerLogger", "one_word", "register_logs", "set_up_logs"]

__getattr__, __dir__ = offer(__name__)
