"""views.*: modals and home tabs."""

from __future__ import annotations

from tests.servers.slack import payloads
from tests.servers.slack.calls import Call, Method
from tests.servers.slack.nouns import View
from tests.servers.slack.refusals import Refusal
from tests.servers.slack.wire import Json


def open_view(call: Call) -> Json:
    """Show a modal in answer to a trigger."""
    return _show(call, push=False)


def push_view(call: Call) -> Json:
    """Lay a modal on the one that is open."""
    return _show(call, push=True)


def _show(call: Call, *, push: bool) -> Json:
    call.need("trigger_id", "view")
    use = call.server.interactions.pull(call.body["trigger_id"])
    if use.person.place not in call.grant.teams:
        raise Refusal("invalid_trigger_id")
    view = call.server.views.show(use.person, use.person.place, call.body["view"], push=push)
    use.views.append(view)
    return _told(call, view)


def update_view(call: Call) -> Json:
    """Change a view that is open."""
    call.need("view")
    found = call.server.views.find(call.body.get("view_id"), call.body.get("external_id"))
    if found.team not in call.grant.teams:
        raise Refusal("not_found")
    return _told(call, call.server.views.update(found, call.body["view"], call.body.get("hash")))


def publish_view(call: Call) -> Json:
    """Change the home tab of a person of this workspace."""
    call.need("user_id", "view")
    person = call.person("user_id")
    if person.place not in call.grant.teams:
        raise Refusal("user_not_found", is_fault=True)
    return _told(call, call.server.views.publish(person, person.place, call.body["view"], call.body.get("hash")))


def _told(call: Call, view: View) -> Json:
    return {"view": payloads.view(view, call.server.app_id)}


METHODS = {
    "views.open": Method(open_view),
    "views.publish": Method(publish_view),
    "views.push": Method(push_view),
    "views.update": Method(update_view),
}
