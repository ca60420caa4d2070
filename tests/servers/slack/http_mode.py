"""HTTP mode: the server posts signed requests to the app's own port, and unsigned or forged ones on demand."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import aiohttp

from tests.servers.slack.deliveries import COMMAND, EVENT, Delivery, Outcome
from tests.servers.slack.wire import Json

if TYPE_CHECKING:
    from tests.servers.slack.server import SlackServer

SIGNATURE: Final = "X-Slack-Signature"
TIMESTAMP: Final = "X-Slack-Request-Timestamp"
STALE_S = 301
"""A request may be five minutes old at most ("Verifying requests from Slack")."""


class Forgery(Enum):
    """What can be wrong with a request that did not come from Slack."""

    WRONG_SECRET = "signed with another secret"
    WRONG_SIGNATURE = "a signature of the right form"
    CHANGED_BODY = "a body that was changed after signing"
    STALE = "older than five minutes"
    FUTURE = "more than five minutes ahead"
    OTHER_TIMESTAMP = "a fresh timestamp that was not signed"
    NO_SIGNATURE = "no signature"
    NO_TIMESTAMP = "no timestamp"
    EMPTY = "neither signature nor timestamp"
    TIMESTAMP_IN_WORDS = "a timestamp that is no number"


@dataclass(frozen=True, slots=True)
class Posted:
    """A request as it went out, and the status it was answered with."""

    body: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    status: int
    answer: str = ""


@dataclass
class Http:
    """The way to an app that listens itself; used as soon as `deliver_to` names its address."""

    server: SlackServer = field(repr=False)
    url: str | None = None
    posted: list[Posted] = field(default_factory=list, repr=False)

    def deliver_to(self, url: str | None) -> None:
        """Post everything to this address from now on; None goes back to sockets."""
        self.url = url

    def headers(self, body: str, *, secret: str | None = None, age_s: float = 0) -> dict[str, str]:
        """Return the headers that sign a body."""
        timestamp = str(int(time.time() - age_s))
        key = (self.server.signing_secret if secret is None else secret).encode()
        digest = hmac.new(key, f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
        return {TIMESTAMP: timestamp, SIGNATURE: f"v0={digest}", "Content-Type": content_type(body)}

    async def post(self, body: str, headers: Mapping[str, str]) -> Posted:
        """Send one request as it is."""
        if self.url is None:
            raise ValueError("no address to post to; call deliver_to first")
        timeout = aiohttp.ClientTimeout(total=self.server.timing.acknowledgement_s)
        async with self.server.client.post(self.url, data=body.encode(), headers=headers, timeout=timeout) as response:
            posted = Posted(body, headers, response.status, await response.text())
        self.posted.append(posted)
        return posted

    async def attempt(self, delivery: Delivery, number: int, reason: str) -> Outcome:
        """Post a payload, signed, and take the status for the acknowledgement."""
        body, began = body_of(delivery), time.monotonic()
        headers = self.headers(body)
        if number:
            headers |= {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}
        try:
            posted = await self.post(body, headers)
        except TimeoutError:
            return Outcome(acknowledged=False, reason="http_timeout", is_fault=True)
        except aiohttp.ClientError:
            return Outcome(acknowledged=False, reason="connection_failed")
        if posted.status != 200:
            return Outcome(acknowledged=False, reason="http_error", is_fault=True)
        return Outcome(acknowledged=True, payload=answer_of(posted.answer), after_s=time.monotonic() - began)

    async def verifies_url(self) -> bool:
        """Send `url_verification` and tell whether the challenge came back."""
        body = json.dumps({"type": "url_verification", "token": "verification", "challenge": "3eZbrw1a"})
        posted = await self.post(body, self.headers(body))
        return posted.status == 200 and "3eZbrw1a" in posted.answer

    async def forge(self, forgery: Forgery, body: str) -> Posted:
        """Post a body that the app has to refuse."""
        headers = self.headers(body)
        match forgery:
            case Forgery.WRONG_SECRET:
                headers = self.headers(body, secret=self.server.signing_secret + "x")
            case Forgery.WRONG_SIGNATURE:
                headers[SIGNATURE] = "v0=" + "0" * 64
            case Forgery.CHANGED_BODY:
                body += " "
            case Forgery.STALE:
                headers = self.headers(body, age_s=STALE_S)
            case Forgery.FUTURE:
                headers = self.headers(body, age_s=-STALE_S - 1)
            case Forgery.OTHER_TIMESTAMP:
                headers[TIMESTAMP] = str(int(headers[TIMESTAMP]) - 1)
            case Forgery.NO_SIGNATURE:
                headers.pop(SIGNATURE)
            case Forgery.NO_TIMESTAMP:
                headers.pop(TIMESTAMP)
            case Forgery.EMPTY:
                headers = {"Content-Type": headers["Content-Type"]}
            case Forgery.TIMESTAMP_IN_WORDS:
                headers[TIMESTAMP] = "now"
        return await self.post(body, headers)

    async def replay(self, posted: Posted) -> Posted:
        """Post a request again, to the letter, as somebody who overheard it would."""
        return await self.post(posted.body, posted.headers)


def body_of(delivery: Delivery) -> str:
    """Return a payload as the body of a request."""
    if delivery.kind == EVENT:
        return json.dumps(delivery.payload)
    if delivery.kind == COMMAND:
        return urlencode(delivery.payload)
    return urlencode({"payload": json.dumps(delivery.payload)})


def content_type(body: str) -> str:
    """Return the type of a body that was made above."""
    return "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"


def answer_of(text: str) -> Json:
    """Return what an acknowledgement carries: JSON, or a text to show."""
    if text.startswith("{"):
        found: Json = json.loads(text)
        return found
    return {"text": text} if text else {}
