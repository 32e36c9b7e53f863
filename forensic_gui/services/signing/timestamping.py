"""Time stamps of RFC 3161, fetched over HTTP: the only call to a network that a report ever makes."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import IO, Any
from urllib.parse import urlsplit

from forensic_gui.domain.errors import RequestError

TIMEOUT_S = 20.0
_ANSWER_LIMIT = 1 << 20
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"


def require_service(url: str) -> None:
    """See that an address can be one of a time-stamping service.

    Raises:
        RequestError: it is not.
    """
    try:
        parts = urlsplit(url)
        named = parts.hostname
    except ValueError:
        named = None
    if not named or parts.scheme not in {"http", "https"}:
        raise RequestError(f"A time-stamping service is named by its address, as http://host/path, not {url!r}.")
    if parts.username is not None:
        raise RequestError("A time-stamping service is named without user and password: they would be written down.")


def time_stamper(url: str) -> Any:
    """PyHanko's time stamper that asks the service at `url`, once for each signature.

    Only the hash of a signature is sent, never the report.
    """
    from asn1crypto import tsp
    from pyhanko.sign.timestamps import TimeStamper
    from pyhanko.sign.timestamps.common_utils import TimestampRequestError

    class ServiceTimeStamper(TimeStamper):  # type: ignore[misc]  # pyHanko is an extra
        """Asks the service."""

        async def async_request_tsa_response(self, req: Any) -> Any:
            """The service's answer, of the very request."""
            try:
                response = tsp.TimeStampResp.load(_post(url, req.dump()), strict=True)
                _require_answer_to(req, response)
            except (OSError, http.client.HTTPException, ValueError, TypeError, KeyError) as error:
                raise TimestampRequestError(str(error)) from error
            return response

    return ServiceTimeStamper()


def _require_answer_to(request: Any, response: Any) -> None:
    """See that a stamp that was granted is of the hash and the number that were sent."""
    if response["status"]["status"].native != "granted":
        return  # pyHanko tells what the service said
    stamped = response["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    sent = request["message_imprint"]["hashed_message"].native
    if (stamped["message_imprint"]["hashed_message"].native, stamped["nonce"].native) != (
        sent,
        request["nonce"].native,
    ):
        raise ValueError("its answer is to another request")


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    """The user named one service; another one is not asked."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        """Follow nothing."""


def _post(url: str, query: bytes) -> bytes:
    request = urllib.request.Request(url, data=query, headers={"Content-Type": _QUERY, "Accept": _REPLY})
    fetch: Callable[[], Any] = partial(urllib.request.build_opener(_NoRedirection).open, request, timeout=TIMEOUT_S)
    try:
        answer = fetch()
    except urllib.error.HTTPError as error:
        error.close()
        raise ValueError(f"it answered {error.code} {error.reason}") from error
    with answer:
        kind = answer.headers.get_content_type()
        if kind != _REPLY:
            raise ValueError(f"it answered with {kind} in place of {_REPLY}")
        body: bytes = answer.read(_ANSWER_LIMIT + 1)
    if len(body) > _ANSWER_LIMIT:
        raise ValueError("its answer is too long for a time stamp")
    return body
