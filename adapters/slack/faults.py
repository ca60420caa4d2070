"""What can go wrong with a call of Slack's Web API, as our errors, and which calls may be made twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState

from bot.errors import PlatformError

FAULTS = (SlackClientError, aiohttp.ClientError, asyncio.TimeoutError, OSError)
"""What a call of the library may raise: its own and the network's."""

GONE = frozenset(
    {"channel_not_found", "is_archived", "message_not_found", "thread_not_found", "invalid_thread_ts", "not_found"}
)
REFUSED = frozenset({"not_in_channel", "restricted_action", "missing_scope", "no_permission", "access_denied"})
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


class Unsure(PlatformError):
    """The answer to a call was lost: it may have been done."""


@contextmanager
def our_errors(what: str) -> Iterator[None]:
    """Turn the library's errors into ours; `what` was done says it for the log, without contents.

    Raises:
        Gone, Refused, BadToken, Unsure, PlatformError: instead of what the block raised.
    """
    try:
        yield
    except SlackApiError as error:
        code = code_of(error)
        raise _kind(code)(f"Slack did not take {what} ({code})") from error
    except aiohttp.ClientConnectorError as error:
        raise PlatformError(f"Slack could not be reached for {what} ({type(error).__name__})") from error
    except FAULTS as error:
        raise Unsure(f"Slack's answer to {what} was lost ({type(error).__name__})") from error


def _kind(code: str) -> type[PlatformError]:
    if code in GONE:
        return Gone
    if code in REFUSED:
        return Refused
    if code in DEAD_TOKEN:
        return BadToken
    return Unsure if code.startswith("HTTP 5") else PlatformError  # a gateway's word: Slack may have done it


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
