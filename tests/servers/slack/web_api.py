"""The Web API's door: reads a request, checks its token and scopes, and lets the method's function answer."""

from __future__ import annotations

import base64
import binascii
import json
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from tests.servers.slack.calls import Call, Method, Request, Token
from tests.servers.slack.faults import Behaviour, Exchange
from tests.servers.slack.methods import METHODS
from tests.servers.slack.nouns import Grant
from tests.servers.slack.refusals import Refusal
from tests.servers.slack.wire import Json, answer

if TYPE_CHECKING:
    from tests.servers.slack.server import SlackServer

NESTED = ("attachments", "blocks", "chunks", "loading_messages", "metadata", "prompts", "view")
"""Arguments that arrive as JSON inside a form."""
FORM = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass
class WebApi:
    """Answers every request to /api/, by the script if one is lined up."""

    server: SlackServer = field(repr=False)
    scripts: defaultdict[str, deque[Behaviour]] = field(default_factory=lambda: defaultdict(deque))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        name = request.match_info["method"]

        async def carry_out() -> web.StreamResponse:
            return await self._carry_out(name, request)

        script = self.scripts[name]
        try:
            return await script.popleft()(Exchange(request, carry_out)) if script else await carry_out()
        finally:
            self.server.noticed()

    async def _carry_out(self, name: str, http: web.Request) -> web.StreamResponse:
        call = Request(name, token_of(http), {}, self.server.clock.now())
        self.server.requests.append(call)
        headers = {}
        try:
            method = METHODS.get(name)
            if method is None:
                raise Refusal("unknown_method")
            call.body = await body_of(http, method)
            call.token = call.token or str(call.body.pop("token", ""))
            grant = self._grant(call.token, method)
            headers = {
                "x-oauth-scopes": ",".join(sorted(grant.scopes)),
                "x-accepted-oauth-scopes": ",".join(method.scopes),
            }
            made = Call(self.server, call, grant)
            made.need_scope(*method.scopes)
            call.answer = {"ok": True, **method.run(made)}
        except Refusal as refusal:
            return self._refused(call, refusal, headers)
        return answer(call.answer, headers=headers)

    def _refused(self, call: Request, refusal: Refusal, headers: dict[str, str]) -> web.StreamResponse:
        call.answer = refusal.body
        self.server.refusals.append(f"{call.method}: {refusal}")
        if refusal.is_violation:
            self.server.violations.append(f"{call.method}: {refusal}")
        if refusal.retry_after_s is not None:
            headers = {**headers, "Retry-After": f"{refusal.retry_after_s:g}"}
        return answer(refusal.body, refusal.status, headers)

    def _grant(self, token: str, method: Method) -> Grant:
        """Return what the token allows.

        Raises:
            Refusal: it is missing, unknown, of the wrong kind, revoked or too old.
        """
        server = self.server
        others = {Token.APP: server.app_token, Token.CONFIGURATION: server.config_token}
        if method.token is Token.NONE:
            return Grant(token, tuple(server.teams), set(method.scopes))
        if not token:
            raise Refusal("not_authed")
        if method.token in others:
            if token != others[method.token]:
                raise Refusal("not_allowed_token_type" if server.grant_of(token) else "invalid_auth")
            return Grant(token, tuple(server.teams), set(method.scopes))
        grant = server.grant_of(token)
        if grant is None:
            raise Refusal("not_allowed_token_type" if token in others.values() else "invalid_auth")
        if grant.revoked:
            raise Refusal("token_revoked")
        if grant.expires_at is not None and server.clock.now() > grant.expires_at:
            raise Refusal("token_expired")
        return grant

    async def respond(self, http: web.Request) -> web.StreamResponse:
        """Answer a post to a response URL."""
        use = self.server.interactions.uses.get(http.match_info["trigger"])
        call = Request("response_url", "", {}, self.server.clock.now())
        self.server.requests.append(call)
        try:
            call.body = await json_of(http)
            if use is None:
                raise Refusal("invalid_url", status=404)
            self.server.interactions.respond(use, call.body)
        except Refusal as refusal:
            refusal.status = max(refusal.status, 400)  # unlike the Web API, which answers 200 to what it refuses
            return self._refused(call, refusal, {})
        finally:
            self.server.noticed()
        return web.Response(text="ok")


def token_of(http: web.Request) -> str:
    """Return the bearer token of a request, empty without one."""
    kind, _, token = http.headers.get("Authorization", "").partition(" ")
    return token if kind == "Bearer" else ""


async def body_of(http: web.Request, method: Method) -> Json:
    """Return the arguments of a call, from its address, its form or its JSON.

    Raises:
        Refusal: the body is of a type that Slack or this method does not read.
    """
    body: Json = dict(http.query)
    if http.method == "POST" and http.can_read_body:
        if http.content_type == "application/json":
            if not method.takes_json:
                raise Refusal("invalid_arguments", ["this method reads forms, not JSON"])
            body |= await json_of(http)
        elif http.content_type in FORM:
            body |= dict(await http.post())
        else:
            raise Refusal("invalid_post_type")
    kind, _, given = http.headers.get("Authorization", "").partition(" ")
    if kind == "Basic":
        body["client_id"], _, body["client_secret"] = _decoded(given).partition(":")
    for name in NESTED:
        if isinstance(body.get(name), str):
            body[name] = _parsed(name, body[name])
    return body


async def json_of(http: web.Request) -> Json:
    """Return the JSON object that a request carries."""
    try:
        body = json.loads(await http.text())
    except json.JSONDecodeError as problem:
        raise Refusal("invalid_json") from problem
    if not isinstance(body, dict):
        raise Refusal("json_not_object")
    return body


def _decoded(given: str) -> str:
    try:
        return base64.b64decode(given).decode()
    except (binascii.Error, UnicodeDecodeError) as problem:
        raise Refusal("invalid_auth") from problem


def _parsed(name: str, text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as problem:
        raise Refusal(f"invalid_{name}_format" if name == "blocks" else "invalid_arguments") from problem
