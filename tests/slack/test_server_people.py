"""What people can do on the local Slack server beyond speaking: forms, lists, tabs, invitations, organisations."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack import Person, SlackServer, Timing, View
from tests.servers.slack.wire import Json
from tests.slack.bolt import FORM, by_socket

Ack = Callable[..., Awaitable[object]]

OPTIONS = [{"text": {"type": "plain_text", "text": name}, "value": name.lower()} for name in ("Facts", "Tastes")]
CHOICES: Json = {
    "type": "actions",
    "block_id": "filter",
    "elements": [
        {"type": "static_select", "action_id": "kind", "options": OPTIONS},
        {"type": "checkboxes", "action_id": "kinds", "options": OPTIONS},
        {"type": "overflow", "action_id": "more", "options": OPTIONS},
    ],
}
SEARCH: Json = {
    "type": "input",
    "block_id": "search",
    "dispatch_action": True,
    "optional": True,
    "label": {"type": "plain_text", "text": "Search"},
    "element": {"type": "plain_text_input", "action_id": "query"},
}


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    """A server with the workspace that every server has."""
    async with SlackServer() as server:
        yield server


@pytest.fixture
async def app(server: SlackServer) -> AsyncIterator[AsyncApp]:
    """An app without listeners, connected; each test adds what it wants to hear."""
    app = AsyncApp(client=AsyncWebClient(token=server.bot_token, base_url=server.api_base))
    async with by_socket(server, app):
        yield app


@pytest.fixture
def ann(server: SlackServer) -> Person:
    """Somebody of the default workspace."""
    return server.team.add_person("Ann")


@pytest.fixture
def form(server: SlackServer, ann: Person) -> View:
    """A form in front of Ann."""
    return server.views.show(ann, server.team, FORM)


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ({}, (0, 0)),
        ({"response_action": "clear"}, (0, 0)),
        ({"response_action": "update", "view": FORM}, (1, 0)),
        ({"response_action": "push", "view": FORM}, (2, 0)),
        ({"response_action": "errors", "errors": {"nowhere": "no"}}, (1, 1)),
        ({"response_action": "update", "view": {"type": "modal"}}, (1, 2)),
        ({"response_action": "explode"}, (1, 1)),
    ],
)
async def test_answers_to_a_form(app: AsyncApp, ann: Person, form: View, answer: Json, left: tuple[int, int]) -> None:
    """A form is closed, changed, covered or kept as the app answers; answers that make no sense are noted.

    `left` is the number of forms that are open afterwards, and of violations.
    """

    @app.view("edit")
    async def saved(ack: Ack) -> None:
        await ack(dict(answer)) if answer else await ack()

    await ann.submits(form, {"text": "likes coffee"})

    assert (len(ann.modals), len(ann.server.violations)) == left


async def test_form_that_is_not_acknowledged_stays(server: SlackServer, app: AsyncApp, ann: Person, form: View) -> None:
    """Without an acknowledgement the person sees an error, the form stays, and the app's failure is noted."""

    @app.view("edit")
    async def silent() -> None:
        return None

    server.timing = Timing(acknowledgement_s=0.1)
    used = await ann.submits(form)

    assert (used.acknowledged, used.error, ann.modal) == (False, "operation_timeout", form)
    assert server.violations == ["interactive view_submission: timeout, not acknowledged"]


async def test_late_acknowledgement(server: SlackServer, app: AsyncApp, ann: Person) -> None:
    """An acknowledgement after the time is kept as late, and the person has seen an error by then."""

    @app.command("/remember")
    async def remember(ack: Ack) -> None:
        await server.until(lambda: server.violations)
        await ack()

    server.timing = Timing(acknowledgement_s=0.05)
    used = await ann.commands(ann.im, "/remember", "tea")
    await server.until(lambda: server.acks)

    assert used.error == "operation_timeout"
    assert [(ack.name, ack.late) for ack in server.acks] == [("/remember", True)]
    assert server.violations == ["slash_commands /remember: timeout, not acknowledged"]


async def test_acknowledgement_that_cannot_be_shown(server: SlackServer, app: AsyncApp, ann: Person) -> None:
    """A text that is too long for a message is noted when it comes with the acknowledgement too."""

    @app.command("/remember")
    async def remember(ack: Ack) -> None:
        await ack("x" * 40_001)

    used = await ann.commands(ann.im, "/remember", "tea")

    assert used.acknowledged
    assert (used.responses, server.violations) == ([], ["acknowledgement of /remember: msg_too_long"])


async def test_required_fields(ann: Person, form: View) -> None:
    """Slack's client sends no form with an empty required field, nor one with a field that is not there."""
    with pytest.raises(ValueError, match="'text' is required"):
        await ann.submits(form, {"text": ""})
    with pytest.raises(ValueError, match="no field 'colour'"):
        await ann.submits(form, {"colour": "blue"})


async def test_closed_form_is_told_if_asked_for(server: SlackServer, app: AsyncApp, ann: Person) -> None:
    """The cross on a form reaches the app only if the view wants it."""
    closed: list[str] = []

    @app.view_closed("edit")
    async def gone(ack: Ack, view: Json) -> None:
        await ack()
        closed.append(view["id"])

    for wanted in (False, True):
        view = server.views.show(ann, server.team, {**FORM, "notify_on_close": wanted})
        await ann.closes(view)

    assert closed == [view.id]


async def test_choices_and_search_on_the_home_tab(server: SlackServer, app: AsyncApp, ann: Person) -> None:
    """Options are chosen by name or value, texts are entered, and the view's state keeps both."""
    actions: list[Json] = []

    @app.action(re.compile("."))
    async def chosen(ack: Ack, body: Json) -> None:
        await ack()
        actions.append(body)

    home = server.views.publish(ann, server.team, {"type": "home", "blocks": [CHOICES, SEARCH]}, None)
    await ann.presses(home, "kind", value="Tastes")
    await ann.presses(home, "kinds", value="facts")
    await ann.presses(home, "more", value="facts")
    await ann.presses(home, "query", value="tea")

    first, second, third, fourth = (body["actions"][0] for body in actions)
    assert (first["selected_option"]["value"], third["selected_option"]["value"]) == ("tastes", "facts")
    assert [option["value"] for option in second["selected_options"]] == ["facts"]
    assert fourth["value"] == "tea"
    values = actions[-1]["view"]["state"]["values"]
    assert values["filter"]["kind"]["selected_option"]["value"] == "tastes"
    assert values["search"]["query"]["value"] == "tea"
    with pytest.raises(ValueError, match="no option 'Rumours'"):
        await ann.presses(home, "kind", value="Rumours")


async def test_tabs_context_invitations_and_reactions(server: SlackServer, app: AsyncApp, ann: Person) -> None:
    """What happens around messages arrives as the events of its kind."""
    events: list[Json] = []

    for name in ("app_home_opened", "app_context_changed", "member_joined_channel", "reaction_added"):

        @app.event(name)
        async def happened(event: Json) -> None:
            events.append(event)

    general = server.team.add_channel("general")
    await ann.opens_messages_tab(beside=general)
    await ann.looks_at(general)
    await ann.invites(general)
    await ann.joins(general)
    await ann.reacts(server.posts.write(general, ann, "hi"), "eyes")
    await server.until(lambda: len(events) == 5)

    tab, context, bot_joined, joined, reaction = events
    assert tab["tab"] == "messages"
    assert context["context"]["entities"][0]["value"] == tab["context"]["entities"][0]["value"] == general.id
    assert (bot_joined["user"], bot_joined["inviter"]) == (server.team.bot.id, ann.id)
    assert (joined["user"], reaction["reaction"]) == (ann.id, "eyes")
    assert server.violations == []


async def test_message_shortcut_carries_its_message(server: SlackServer, app: AsyncApp, ann: Person) -> None:
    """A shortcut of a message knows its channel, thread and text, and has a response URL."""

    @app.shortcut({"type": "message_action", "callback_id": "remember_this"})
    async def kept(ack: Ack, respond: Ack) -> None:
        await ack()
        await respond("kept")

    group = server.team.add_mpim(ann, server.team.add_person("Bob"))
    root = server.posts.write(group, ann, "root")
    message = server.posts.write(group, ann, "tea", thread_ts=root.ts)
    used = await ann.shortcut("remember_this", message=message)
    await server.until(lambda: used.responses)

    assert used.payload["message"]["thread_ts"] == root.ts
    assert (server.ephemerals(ann)[0].shown, server.ephemerals(ann)[0].thread_ts) == ("kept", root.ts)


async def test_agent_threads_and_what_is_shown_meanwhile(server: SlackServer, ann: Person) -> None:
    """In the messages tab of an agent a first message begins its thread; a reply takes the status away."""
    client = AsyncWebClient(token=server.bot_token, base_url=server.api_base)

    first = await ann.chats("hi")
    second = await ann.chats("and", thread=first)
    await client.assistant_threads_setStatus(channel_id=ann.im.id, thread_ts=first.ts, status="is thinking")
    await client.chat_postMessage(channel=ann.im.id, thread_ts=first.ts, text="hello")
    told = await client.agents_sessions_setStatus(channel_id=ann.im.id, thread_ts=first.ts, status="active", title="A")

    assert (first.thread_ts, second.thread_ts) == (first.ts, first.ts)
    assert server.sessions.of(ann.im, first.ts).shown == ["is thinking", ""]
    assert (told["status"], told["title"], told.get("warning")) == ("active", "A", None)


async def test_other_bots_speak_in_two_ways(server: SlackServer) -> None:
    """A modern bot's message has user and bot_id, a classic one's the subtype bot_message and no user."""
    general = server.team.add_channel("general")
    server.team.invite(general)

    await server.team.add_bot("Deploys").says(general, "done")
    await server.team.add_bot("Old", classic=True).says(general, f"{server.mention} done")

    modern, classic = (sent.payload["event"] for sent in server.deliveries.sent)
    assert ("user" in modern, "bot_id" in modern, modern.get("subtype")) == (True, True, None)
    assert ("user" in classic, "bot_id" in classic, classic["subtype"]) == (False, True, "bot_message")


async def test_organisation_has_one_bot_and_one_token(server: SlackServer) -> None:
    """An installation for an organisation covers its workspaces, and events say so."""
    north = server.add_workspace("North", enterprise_id="E1", installed=False)
    south = server.add_workspace("South", enterprise_id="E1", installed=False)
    code = server.oauth.approve(north, is_org=True)
    told = server.oauth.exchange({"code": code}, server.oauth.client_id, server.oauth.client_secret)
    bob = south.add_person("Bob")
    client = AsyncWebClient(token=told["access_token"], base_url=server.api_base)

    await bob.says(bob.im, "hi")
    await client.chat_postMessage(channel=bob.im.id, text="hello")

    envelope = server.deliveries.sent[0].payload
    assert (told["team"], told["enterprise"]["id"], told["is_enterprise_install"]) == (None, "E1", True)
    assert (envelope["team_id"], envelope["enterprise_id"]) == (south.id, "E1")
    assert envelope["authorizations"][0]["is_enterprise_install"]
    assert north.bot is south.bot


async def test_frozen_line_is_noticed_by_its_silence(server: SlackServer) -> None:
    """A line on which nothing is answered any more is no fault of the app, which leaves it after some pings."""
    app = AsyncApp(client=AsyncWebClient(token=server.bot_token, base_url=server.api_base))
    async with by_socket(server, app, ping_interval=0.05):
        server.sockets.freeze()
        await server.until(lambda: server.sockets.opened == 2)

    assert server.violations == []
