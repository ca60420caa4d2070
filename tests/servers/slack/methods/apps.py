"""apps.*, api.* and oauth.*: the app itself, its sockets, its manifest and its installations."""

from __future__ import annotations

import json

from tests.servers.slack.calls import Call, Method, Token
from tests.servers.slack.manifest_rules import manifest_faults
from tests.servers.slack.refusals import Refusal
from tests.servers.slack.wire import Json


def api_test(call: Call) -> Json:
    """Answer with what was sent."""
    if call.body.get("error"):
        raise Refusal(str(call.body["error"]), is_fault=False)
    return {"args": {name: value for name, value in call.body.items() if name != "token"}}


def open_connection(call: Call) -> Json:
    """Return an address for one socket."""
    if "connections:write" not in call.server.app_token_scopes:
        told = {"needed": "connections:write", "provided": ",".join(sorted(call.server.app_token_scopes))}
        raise Refusal("missing_scope", more=told)
    return {"url": call.server.sockets.url()}


def validate_manifest(call: Call) -> Json:
    """Check a manifest."""
    call.need("manifest")
    try:
        manifest = json.loads(call.body["manifest"])
    except json.JSONDecodeError as problem:
        raise Refusal("invalid_manifest", more={"errors": [{"message": "not JSON", "pointer": "/"}]}) from problem
    faults = list(manifest_faults(manifest))
    errors = [{"message": fault.text, "pointer": f"/{fault.path.replace('.', '/')}"} for fault in faults]
    if errors:
        raise Refusal("invalid_manifest", [f"{one['message']} {one['pointer']}" for one in errors], {"errors": errors})
    return {}


def list_authorizations(call: Call) -> Json:
    """Return for which workspaces an event was meant."""
    call.need("event_context")
    told = [
        {"enterprise_id": team.enterprise_id, "team_id": team.id, "user_id": team.bot.id, "is_bot": True}
        for team in call.server.teams
        if team.grant is not None
    ]
    return {"authorizations": told}


def exchange_code(call: Call) -> Json:
    """Return a token for a code, or for a refresh token."""
    client_id, client_secret = str(call.body.get("client_id")), str(call.body.get("client_secret"))
    return call.server.oauth.exchange(call.body, client_id, client_secret)


METHODS = {
    "api.test": Method(api_test, token=Token.NONE),
    "apps.connections.open": Method(open_connection, token=Token.APP),
    "apps.event.authorizations.list": Method(list_authorizations, token=Token.APP),
    "apps.manifest.validate": Method(validate_manifest, token=Token.CONFIGURATION),
    "oauth.v2.access": Method(exchange_code, takes_json=False, token=Token.NONE),
}
