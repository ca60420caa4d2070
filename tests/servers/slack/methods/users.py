"""users.*, team.* and auth.*: who is who."""

from __future__ import annotations

from tests.servers.slack import payloads
from tests.servers.slack.calls import Call, Method, is_on
from tests.servers.slack.refusals import Refusal
from tests.servers.slack.wire import Json


def user_info(call: Call) -> Json:
    """Describe a person, as far as this workspace may know them."""
    return {"user": payloads.user(call.person(), call.grant.teams)}


def team_info(call: Call) -> Json:
    """Describe the workspace."""
    team = call.team
    told: Json = {"id": team.id, "name": team.name, "domain": team.domain, "email_domain": "", "icon": {}}
    return {"team": told | ({"enterprise_id": team.enterprise_id} if team.enterprise_id else {})}


def auth_test(call: Call) -> Json:
    """Tell whose token this is."""
    team, bot = call.team, call.grant.bot
    told: Json = {"url": f"https://{team.domain}.slack.com/", "team": team.name, "user": bot.name, "team_id": team.id}
    told |= {"user_id": bot.id, "bot_id": bot.bot_id, "is_enterprise_install": call.grant.is_org}
    return told | ({"enterprise_id": team.enterprise_id} if team.enterprise_id else {})


def bot_info(call: Call) -> Json:
    """Describe a bot, and name its app."""
    mine = (person for person in call.server.people if person.place in call.grant.teams)
    bot = next((person for person in mine if person.bot_id == call.body.get("bot")), None)
    if bot is None:
        raise Refusal("bot_not_found")
    return {"bot": {"id": bot.bot_id, "app_id": bot.app_id, "user_id": bot.id, "name": bot.name, "deleted": False}}


def auth_revoke(call: Call) -> Json:
    """Make the token invalid."""
    if not is_on(call.body.get("test")):
        call.grant.revoked = True
    return {"revoked": not is_on(call.body.get("test"))}


METHODS = {
    "auth.revoke": Method(auth_revoke, takes_json=False),
    "auth.test": Method(auth_test),
    "bots.info": Method(bot_info, ("users:read",), takes_json=False),
    "team.info": Method(team_info, ("team:read",), takes_json=False),
    "users.info": Method(user_info, ("users:read",), takes_json=False),
}
