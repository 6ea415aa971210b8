"""Statuses of HTTP by which the service refuses: one table of what each is called and says.

Other modules map an error to a status, and where that has several kinds of problems to the kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple


class RefusalStatus(NamedTuple):
    """A status that refuses a request.

    Parameters
    ----------
    response
        Name under ``components`` of the OpenAPI document; empty for statuses of requests that are
        refused before it is known which operation they are for.
    slug
        Kind of its problems, which ends their type; empty where the status says all.
    meaning
        For the OpenAPI document.
    remedy
        What to do, where this is the same for all requests.
    reason
        What is said of a request that is refused before it is read; else it is the meaning.
    """

    response: str
    slug: str
    meaning: str
    remedy: str = ""
    reason: str = ""

    @property
    def sentence(self) -> str:
        """The reason of a request that is refused before it is read."""
        return self.reason or f"{self.meaning}."


STATUSES: Mapping[int, RefusalStatus] = {
    400: RefusalStatus("invalid", "input", "A parameter is unknown or malformed",
                 "Send it whole, with its length or in sound chunks.",
                 reason="It is no HTTP, or not all of it."),
    401: RefusalStatus("unauthorised", "unauthorised",
                 "A token is needed, and was not given or is no longer good"),
    403: RefusalStatus("forbidden", "forbidden",
                 "The token, or this service, does not allow it, or allows less of it"),
    404: RefusalStatus("absent", "absent",
                 "There is nothing of this name, or no path answers the question"),
    410: RefusalStatus("gone", "gone", "There was a job of this id"),
    412: RefusalStatus("condition", "condition",
                 "What is here is not what If-Match or If-Unmodified-Since mean"),
    413: RefusalStatus("tooLarge", "too-large", "The body is larger than is allowed here",
                 "Send less at once, in few chunks."),
    414: RefusalStatus("", "", "The address is longer than is allowed here",
                 "Ask for less at once, or by POST."),
    415: RefusalStatus("mediaType", "media-type", "The body is not sent as JSON"),
    416: RefusalStatus("noSuchPart", "range", "The file has no such part"),
    417: RefusalStatus("", "", "What is expected here is nothing that is known",
                 "Leave the header Expect out."),
    429: RefusalStatus("tooMany", "too-many",
                 "There were too many requests; the header Retry-After says how long to wait"),
    431: RefusalStatus("", "", "The headers are longer than is allowed here",
                 "Send fewer headers, or shorter ones."),
    500: RefusalStatus("fault", "", "The service failed", "Tell whoever runs it.",
                 reason="The service failed at this request; its log says where."),
    501: RefusalStatus("", "", "The body is coded in a way that is not read",
                 "Send it plain, or in chunks."),
    502: RefusalStatus("", "unreachable", "A host that the service asks cannot be reached"),
    503: RefusalStatus("busy", "busy",
                 "The answer takes more time or memory than is allowed, as many wait as may, or "
                 "the disk is full", "Try again in some seconds.", reason="The service is busy."),
    504: RefusalStatus("tooLong", "", "The job took longer than is allowed here"),
}  # fmt: skip
UNREAD = tuple(status for status, row in STATUSES.items() if row.remedy)
"""Statuses of requests that are refused before they are read."""

TITLES: Mapping[str, str] = {
    "input": "The request cannot be answered as it stands",
    "no-path": "There is no path",
    "data": "The data cannot be used as they stand",
    "lost": "A file of the service is gone or was changed",
    "unreachable": "A host that is asked cannot be reached",
}
"""Titles of the kinds of problems that say more than their status does."""


def problem_head(status: int, kind: str | None = None) -> dict[str, Any]:
    """Type, title and status of a problem, as RFC 9457 has them.

    Parameters
    ----------
    status
        Status of HTTP.
    kind
        Kind of the problem: that of the status by default, empty for a problem of none.
    """
    if kind is None:
        kind = STATUSES[status].slug if status in STATUSES else ""
    return {
        "type": f"urn:problem-type:vereda:{kind}" if kind else "about:blank",
        "title": TITLES.get(kind) or HTTPStatus(status).phrase,
        "status": status,
    }
