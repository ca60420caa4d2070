"""What can go wrong with a call of Slack's Web API, as our errors, and which calls may be made twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState

from bot.errors import PlatformError

_Result = TypeVar("_Result")

PAUSES_S = (1.0, 3.0)
"""Seconds before each further try of what has to be done now."""

FAULTS = (SlackClientError, aiohttp.ClientError, asyncio.TimeoutError, OSError)
"""What a call of the library may raise: its own and the network's."""

GONE = frozenset(
    {"channel_not_found", "is_archived", "message_not_found", "thread_not_found", "invalid_thread_ts", "not_found"}
)
REFUSED = frozenset({"not_in_channel", "restricted_action", "missing_scope", "no_permission", "access_denied"})
PASSING = frozenset(
    {"fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable", "HTTP 408", "HTTP 429"}
)
REMOVED = frozenset({"account_inactive", "token_revoked"})
DEAD_TOKEN = frozenset(
    {"account_inactive", "invalid_auth", "not_allowed_token_type", "not_authed", "token_expired", "token_revoked"}
)

_ONCE = frozenset(
    {
        "chat.appendStream",
        "chat.postEphemeral",
        "chat.postMessage",
        "chat.startStream",
        "chat.stopStream",
        "files.completeUploadExternal",
        "oauth.v2.access",
    }
)
"""Methods that do something new each time they are called, or are refused the second time."""


class Gone(PlatformError):
    """A message, or the channel it is in, is no longer there."""


class Refused(PlatformError):
    """The bot may not do this here; asking again changes nothing."""


class BadToken(PlatformError):
    """Slack does not take the token, or not any more."""


class Removed(BadToken):
    """The app was removed where the token was good, or all its tokens were revoked."""


class Unsure(PlatformError):
    """The answer to a call that must not be made twice was lost: it may have been done."""


class Passing(PlatformError):
    """Slack could not do it just now; the same a little later may go well."""


class StillFlowing(Passing):
    """A message cannot be edited, since its stream has not ended."""


@contextmanager
def our_errors(what: str, *, once: bool = False) -> Iterator[None]:
    """Turn the library's errors into ours; `what` was done says it for the log, without contents.

    Args:
        once: it must not be done twice.

    Raises:
        Gone, Refused, BadToken, Unsure, Passing, PlatformError: instead of what the block raised.
    """
    lost = Unsure if once else Passing
    try:
        yield
    except SlackApiError as error:
        code = code_of(error)
        # A gateway's word is not Slack's, which may have done it.
        kind = lost if code.startswith("HTTP 5") else _kind(code)
        raise kind(f"Slack did not take {what} ({code})") from error
    except aiohttp.ClientConnectorError as error:
        raise Passing(f"Slack could not be reached for {what} ({type(error).__name__})") from error
    except FAULTS as error:
        raise lost(f"Slack's answer to {what} was lost ({type(error).__name__})") from error


def _kind(code: str) -> type[PlatformError]:
    if code in GONE:
        return Gone
    if code in REFUSED:
        return Refused
    if code in REMOVED:
        return Removed
    if code in DEAD_TOKEN:
        return BadToken
    if code == "streaming_state_conflict":
        return StillFlowing
    return Passing if code in PASSING else PlatformError


async def patiently(call: Callable[[], Awaitable[_Result]]) -> _Result:
    """Return what a call gives, which is made again after a pause while its errors are passing.

    Raises:
        PlatformError: the last call's own, or one that does not pass.
    """
    for pause_s in PAUSES_S:
        with suppress(Passing):
            return await call()
        await asyncio.sleep(pause_s)
    return await call()


def code_of(error: SlackApiError) -> str:
    """Return the error code of an answer; for one that is none of Slack's, such as a proxy's page, its status."""
    response = error.response
    body = getattr(response, "data", None)
    code = body.get("error") if isinstance(body, dict) else None
    status = getattr(response, "status_code", None) or getattr(response, "status", "unknown")
    return str(code or f"HTTP {status}")


class CarefulRetry(AsyncConnectionErrorRetryHandler):
    """Tries again after a broken connection, unless what was asked for may have been done and must not be twice."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        method = request.url.rpartition("/")[2]
        never_sent = isinstance(error, aiohttp.ClientConnectorError)
        if method in _ONCE and not never_sent:
            return False
        return await super()._can_retry_async(state=state, request=request, response=response, error=error)
