"""Requests as they are understood: every text in their address composed."""

from __future__ import annotations

from typing import Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.utils import cached_property

from geodata.entries.spelling import composed
from geodata.errors import InputError

LONGEST_LINE = 8190
"""Bytes of the first line of a request at most."""


class ComposedRequest(Request):
    """A request whose path and parameters spell each letter in one way, whatever was sent.

    Clients on some systems send an accent after its letter; names, ids, filters and values are
    then compared as if they had not.
    """

    def __init__(self, environ: dict[str, Any], *rest: Any, **more: Any) -> None:
        # WSGI hands the bytes of a path over as Latin-1.
        path = environ.get("PATH_INFO", "").encode("latin-1")
        if not path.isascii():
            try:
                spelt = composed(path.decode("utf-8"))
                environ["PATH_INFO"] = spelt.encode("utf-8").decode("latin-1")
            except UnicodeDecodeError:
                pass
        super().__init__(environ, *rest, **more)

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """Parameters of the query.

        Raises
        ------
        InputError
            When it is longer than the line of any request that comes over the network.
        """
        if len(self.query_string) > LONGEST_LINE:
            # Refused only once: the page of the error itself reads the parameter for a language.
            self.__dict__["args"] = ImmutableMultiDict()
            remedy = f"Give at most {LONGEST_LINE:,} bytes, or POST it."
            raise InputError("query", f"{len(self.query_string)} bytes", remedy)
        sent: MultiDict[str, str] = super().args
        if self.query_string.isascii() and b"%" not in self.query_string:
            return sent
        spelt = [(composed(name), composed(text)) for name, text in sent.items(multi=True)]
        return ImmutableMultiDict(spelt)
