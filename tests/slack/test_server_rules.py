"""What the local Slack server refuses, each thing provoked once, and whom it sees notified."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from tests.servers.slack import Channel, Message, Person, SlackServer, Use
from tests.servers.slack.manifest_rules import manifest_faults
from tests.servers.slack.mentions import pings_in
from tests.servers.slack.rules import block_faults
from tests.servers.slack.wire import Json, as_sent, unescaped

TEXT = {"type": "plain_text", "text": "T"}


@dataclass(frozen=True, slots=True)
class World:
    """A server with something of everything that a method can be wrong about."""

    server: SlackServer
    ann: Person
    general: Channel
    secret: Channel
    old: Channel
    quiet: Channel
    empty: Channel
    elsewhere: Channel
    said: Message
    posted: Message
    use: Use

    async def call(self, method: str, body: Json, token: str | None = None) -> Json:
        """Call a method as the SDK does and return the answer."""
        headers = {"Authorization": f"Bearer {self.server.bot_token if token is None else token}"}
        async with self.server.client.post(self.server.api_base + method, json=body, headers=headers) as response:
            answer: Json = await response.json()
            return answer


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """The world, without an app: nothing that is announced here arrives anywhere."""
    async with SlackServer(bot_events=set()) as server:
        team, ann = server.team, server.team.add_person("Ann")
        general, old, quiet, empty = (team.add_channel(name) for name in ("general", "old", "quiet", "empty"))
        secret, elsewhere = team.add_channel("secret", private=True), team.add_channel("elsewhere")
        team.invite(general, old, quiet, empty)
        old.archived, quiet.read_only = True, True
        said = await ann.says(general, "hi")
        posted = server.posts.post(general, {"text": "hello"})
        use = await ann.commands(general, "/remember", "tea")
        server.violations.clear()
        yield World(server, ann, general, secret, old, quiet, empty, elsewhere, said, posted, use)


def blocks(*given: Json) -> Callable[[World], Json]:
    """Return the arguments that post these blocks."""
    return lambda world: {"channel": world.general.id, "text": "fallback", "blocks": list(given)}


def element(given: Json) -> Callable[[World], Json]:
    """Return the arguments that post one element."""
    return blocks({"type": "actions", "elements": [given]})


def modal(**changes: object) -> Json:
    """Return a modal with one thing changed."""
    return {"type": "modal", "title": TEXT, "blocks": [{"type": "divider"}], **changes}


def opening(**changes: object) -> Callable[[World], Json]:
    """Return the arguments that open a modal."""
    return lambda world: {"trigger_id": world.use.trigger_id, "view": modal(**changes)}


def post(**more: object) -> Callable[[World], Json]:
    """Return the arguments of a post."""
    return lambda world: {"channel": world.general.id, **more}


def stream(**more: object) -> Callable[[World], Json]:
    """Return the arguments that start a stream in the thread of Ann's message."""
    recipients = {"recipient_team_id": "T1", "recipient_user_id": "U1"}
    return lambda world: {"channel": world.general.id, "thread_ts": world.said.ts, **recipients, **more}


def on_posted(**more: object) -> Callable[[World], Json]:
    """Return arguments that name the app's message."""
    return lambda world: {"channel": world.general.id, "ts": world.posted.ts, **more}


def on_said(**more: object) -> Callable[[World], Json]:
    """Return arguments that name Ann's message."""
    return lambda world: {"channel": world.general.id, "ts": world.said.ts, **more}


def session(**more: object) -> Callable[[World], Json]:
    """Return arguments that name the thread of Ann's message."""
    return lambda world: {"channel_id": world.general.id, "thread_ts": world.said.ts, **more}


def prompts(number: int) -> list[Json]:
    """Return so many suggested prompts."""
    return [{"title": "Hi", "message": "Hello"}] * number


def plain(length: int) -> Json:
    """Return a text object of that length."""
    return {"type": "plain_text", "text": "x" * length}


def mrkdwn(length: int) -> Json:
    """Return a text object of that length, with formatting."""
    return {"type": "mrkdwn", "text": "x" * length}


BUTTON = {"type": "button", "text": TEXT, "action_id": "a"}
SELECT = {"type": "static_select", "options": [{"text": TEXT, "value": "v"}]}
BUTTONS = [{**BUTTON, "action_id": str(number)} for number in range(26)]
LONG_INPUT = {"type": "plain_text_input", "max_length": 3001}
INPUT = {"type": "input", "label": TEXT, "element": {"type": "plain_text_input"}}

REFUSED: list[tuple[str, str, Callable[[World], Json]]] = [
    ("msg_too_long", "chat.postMessage", post(text="x" * 40_001)),
    ("msg_too_long", "chat.postMessage", post(markdown_text="x" * 12_001)),
    ("msg_too_long", "chat.update", on_posted(text="x" * 4_001)),
    ("no_text", "chat.postMessage", post()),
    ("no_text", "chat.postMessage", post(text="  ")),
    ("markdown_text_conflict", "chat.postMessage", post(text="a", markdown_text="b")),
    ("channel_not_found", "chat.postMessage", lambda w: {"channel": "C404", "text": "a"}),
    ("channel_not_found", "chat.postMessage", lambda w: {"channel": w.secret.id, "text": "a"}),
    ("not_in_channel", "chat.postMessage", lambda w: {"channel": w.elsewhere.id, "text": "a"}),
    ("is_archived", "chat.postMessage", lambda w: {"channel": w.old.id, "text": "a"}),
    ("restricted_action", "chat.postMessage", lambda w: {"channel": w.quiet.id, "text": "a"}),
    ("thread_not_found", "chat.postMessage", post(text="a", thread_ts="1.1")),
    ("message_not_found", "chat.update", post(ts="1.1", text="a")),
    ("cant_update_message", "chat.update", on_said(text="a")),
    ("cant_delete_message", "chat.delete", on_said()),
    ("user_not_in_channel", "chat.postEphemeral", lambda w: {"channel": w.empty.id, "user": w.ann.id, "text": "a"}),
    ("unknown_method", "chat.postMassage", post(text="a")),
    ("invalid_arguments", "users.info", lambda w: {"user": w.ann.id}),  # this method reads no JSON
    ("invalid_blocks", "chat.postMessage", blocks(*[{"type": "divider"}] * 51)),
    ("invalid_blocks", "chat.postMessage", blocks({"type": "section", "text": mrkdwn(3001)})),
    ("invalid_blocks", "chat.postMessage", blocks({"type": "section", "fields": [mrkdwn(1)] * 11})),
    ("invalid_blocks", "chat.postMessage", blocks({"type": "section", "fields": [mrkdwn(2001)]})),
    ("invalid_blocks", "chat.postMessage", blocks({"type": "section"})),
    ("invalid_blocks", "chat.postMessage", blocks({"type": "header", "text": plain(151)})),
    ("invalid_blocks", "chat.postMessage", blocks({"type": "header", "text": mrkdwn(1)})),
    ("invalid_blocks", "chat.postMessage", blocks({"type": "context", "elements": [mrkdwn(1)] * 11})),
    ("invalid_blocks", "chat.postMessage", blocks({"type": "actions", "elements": BUTTONS})),
    ("invalid_blocks", "chat.postMessage", blocks({"type": "context_actions", "elements": BUTTONS[:6]})),
    ("invalid_blocks", "chat.postMessage", blocks({"type": "actions", "elements": [BUTTON, BUTTON]})),
    ("invalid_blocks", "chat.postMessage", blocks(*[{"type": "divider", "block_id": "b"}] * 2)),
    ("invalid_blocks", "chat.postMessage", blocks({"type": "divider", "block_id": "x" * 256})),
    ("invalid_blocks", "chat.postMessage", blocks({"type": "markdown", "text": "x" * 12_001})),
    ("msg_blocks_too_long", "chat.postMessage", blocks(*[{"type": "markdown", "text": "x" * 6_001}] * 2)),
    ("invalid_blocks", "chat.postMessage", blocks({"type": "unheard_of"})),
    ("invalid_blocks", "chat.postMessage", blocks(INPUT)),
    ("invalid_blocks", "chat.postMessage", element({**BUTTON, "text": plain(76)})),
    ("invalid_blocks", "chat.postMessage", element({**BUTTON, "value": "x" * 2001})),
    ("invalid_blocks", "chat.postMessage", element({**BUTTON, "action_id": "x" * 256})),
    ("invalid_blocks", "chat.postMessage", element({**SELECT, "placeholder": plain(151)})),
    ("invalid_blocks", "chat.postMessage", element({**SELECT, "options": [{"text": plain(76), "value": "v"}]})),
    ("invalid_blocks", "chat.postMessage", element({**SELECT, "options": [{"text": TEXT, "value": "x" * 151}]})),
    ("invalid_blocks", "chat.postMessage", element({**SELECT, "options": [{"text": TEXT, "value": "v"}] * 101})),
    ("invalid_blocks", "chat.postMessage", element({**BUTTON, "confirm": {"title": plain(101)}})),
    ("invalid_arguments", "views.open", opening(title=plain(25))),
    ("invalid_arguments", "views.open", opening(submit=plain(25))),
    ("invalid_arguments", "views.open", opening(close=plain(25))),
    ("invalid_arguments", "views.open", opening(private_metadata="x" * 3001)),
    ("invalid_arguments", "views.open", opening(callback_id="x" * 256)),
    ("invalid_arguments", "views.open", opening(blocks=[{"type": "divider"}] * 101)),
    ("invalid_arguments", "views.open", opening(blocks=[INPUT])),  # inputs need a submit button
    ("invalid_arguments", "views.open", opening(blocks=[{"type": "markdown", "text": "a"}])),
    ("invalid_arguments", "views.open", opening(submit=TEXT, blocks=[{**INPUT, "element": LONG_INPUT}])),
    ("invalid_trigger_id", "views.open", lambda w: {"trigger_id": "1", "view": modal()}),
    ("push_limit_reached", "views.push", opening()),
    ("not_found", "views.update", lambda w: {"view_id": "V404", "view": modal()}),
    ("invalid_arguments", "views.publish", lambda w: {"user_id": w.ann.id, "view": modal()}),
    ("user_not_found", "views.publish", lambda w: {"user_id": "U404", "view": {"type": "home", "blocks": []}}),
    ("invalid_arguments", "chat.startStream", post(recipient_team_id="T1", recipient_user_id="U1")),
    ("invalid_thread_ts", "chat.startStream", stream(thread_ts="1.1")),
    ("missing_recipient_team_id", "chat.startStream", stream(recipient_team_id="")),
    ("missing_recipient_user_id", "chat.startStream", stream(recipient_user_id="")),
    ("msg_too_long", "chat.startStream", stream(markdown_text="x" * 12_001)),
    ("msg_too_long", "chat.startStream", stream(chunks=[{"type": "markdown_text", "text": "x" * 6_001}] * 2)),
    ("message_not_in_streaming_state", "chat.appendStream", on_posted(markdown_text="a")),
    ("message_not_owned_by_app", "chat.appendStream", on_said(markdown_text="a")),
    (
        "invalid_arguments",
        "assistant.threads.setSuggestedPrompts",
        lambda w: {"channel_id": w.ann.im.id, "prompts": prompts(5)},
    ),
    ("channel_type_not_supported", "assistant.threads.setSuggestedPrompts", session(prompts=prompts(1))),
    ("invalid_thread_ts", "assistant.threads.setStatus", session(thread_ts="1.1", status="a")),
    ("invalid_arguments", "agents.sessions.setStatus", session(status="busy")),
    ("invalid_arguments", "agents.sessions.rename", session(title="x" * 201)),
    ("file_not_found", "files.completeUploadExternal", lambda w: {"files": [{"id": "F404"}]}),
    ("invalid_client_id", "oauth.v2.access", lambda w: {}),
]


@pytest.mark.parametrize(("code", "method", "body"), REFUSED, ids=[f"{row[1]}-{row[0]}" for row in REFUSED])
async def test_refused(world: World, code: str, method: str, body: Callable[[World], Json]) -> None:
    """The call is refused with Slack's code, and the refusal is kept."""
    sent = body(world)
    if method == "oauth.v2.access":  # it reads forms only
        async with world.server.client.post(world.server.api_base + method, data={"code": "c"}) as response:
            answer = await response.json()
    else:
        answer = await world.call(method, sent)

    assert (answer["ok"], answer["error"]) == (False, code)
    assert world.server.refusals[-1].startswith(f"{method}: {code}")


ACCEPTED: list[tuple[str, Callable[[World], Json]]] = [
    ("chat.postMessage", post(text="x" * 40_000)),
    ("chat.postMessage", post(markdown_text="x" * 12_000)),
    ("chat.update", on_posted(text="x" * 4_000)),
    ("chat.postMessage", blocks(*[{"type": "divider"}] * 50)),
    ("chat.postMessage", blocks({"type": "section", "text": mrkdwn(3000)}, {"type": "header", "text": plain(150)})),
    ("chat.postMessage", blocks(*[{"type": "markdown", "text": "x" * 6_000}] * 2)),
    ("chat.postMessage", element({**BUTTON, "text": plain(75), "value": "x" * 2000})),
    ("chat.postMessage", lambda w: {"channel": w.ann.id, "text": "to a person"}),
    ("chat.postEphemeral", lambda w: {"channel": w.general.id, "user": w.ann.id, "text": "a"}),
    ("views.open", opening(title=plain(24), private_metadata="x" * 3000, blocks=[{"type": "divider"}] * 100)),
    ("views.publish", lambda w: {"user_id": w.ann.id, "view": {"type": "home", "blocks": [INPUT]}}),
    ("chat.startStream", stream(markdown_text="x" * 12_000)),
    ("assistant.threads.setSuggestedPrompts", lambda w: {"channel_id": w.ann.im.id, "prompts": prompts(4)}),
    ("reactions.add", lambda w: {"channel": w.general.id, "timestamp": w.said.ts, "name": "eyes"}),
    ("conversations.open", lambda w: {"users": w.ann.id}),
    ("auth.test", lambda w: {}),
]


@pytest.mark.parametrize(("method", "body"), ACCEPTED, ids=[row[0] for row in ACCEPTED])
async def test_accepted(world: World, method: str, body: Callable[[World], Json]) -> None:
    """What is at a limit, but not over it, is taken, and nothing is noted."""
    answer = await world.call(method, body(world))

    assert answer["ok"], answer
    assert world.server.violations == world.server.refusals == []


async def test_what_the_world_brings_about_is_no_violation(world: World) -> None:
    """A closed channel is a refusal only; a text that is too long is the app's own fault as well."""
    await world.call("chat.postMessage", {"channel": world.old.id, "text": "a"})
    await world.call("chat.postMessage", {"channel": world.general.id, "text": "x" * 40_001})

    assert world.server.refusals == ["chat.postMessage: is_archived", "chat.postMessage: msg_too_long"]
    assert world.server.violations == ["chat.postMessage: msg_too_long"]


async def test_tokens_and_scopes(world: World) -> None:
    """A call needs a token that is known, alive, of the right kind and with the scope."""
    server, body = world.server, {"channel": world.general.id, "text": "a"}
    assert server.team.grant is not None

    told = [(await world.call("chat.postMessage", body, token))["error"] for token in ("", "xoxb-no", server.app_token)]
    for_sockets = await world.call("apps.connections.open", {}, server.bot_token)
    server.team.grant.scopes.remove("chat:write")
    without = await world.call("chat.postMessage", body)
    server.team.grant.revoked = True
    revoked = await world.call("auth.test", {})

    assert told == ["not_authed", "invalid_auth", "not_allowed_token_type"]
    assert for_sockets["error"] == "not_allowed_token_type"
    assert (without["error"], without["needed"]) == ("missing_scope", "chat:write")
    assert "im:history" in without["provided"]
    assert revoked["error"] == "token_revoked"


async def test_scopes_are_told_in_a_header(world: World) -> None:
    """Every answer names what the token may do."""
    headers = {"Authorization": f"Bearer {world.server.bot_token}"}
    async with world.server.client.post(world.server.api_base + "auth.test", headers=headers) as response:
        told = response.headers["x-oauth-scopes"].split(",")

    assert {"chat:write", "commands"} <= set(told)


@pytest.mark.parametrize(
    ("sent", "content_type", "code"),
    [
        ("{", "application/json", "invalid_json"),
        ("[]", "application/json", "json_not_object"),
        ("a", "text/plain", "invalid_post_type"),
    ],
)
async def test_bodies_that_cannot_be_read(world: World, sent: str, content_type: str, code: str) -> None:
    """A body has to be a form or a JSON object."""
    headers = {"Content-Type": content_type, "Authorization": f"Bearer {world.server.bot_token}"}
    async with world.server.client.post(world.server.api_base + "auth.test", data=sent, headers=headers) as response:
        answer = await response.json()

    assert answer["error"] == code


async def test_trigger_works_once_and_for_three_seconds(world: World) -> None:
    """A modal needs a fresh trigger id."""
    first = await world.call("views.open", {"trigger_id": world.use.trigger_id, "view": modal()})
    second = await world.call("views.open", {"trigger_id": world.use.trigger_id, "view": modal()})
    other = await world.ann.commands(world.general, "/remember", "tea")
    world.server.clock.advance(3.1)
    late = await world.call("views.open", {"trigger_id": other.trigger_id, "view": modal()})

    assert first["ok"]
    assert (second["error"], late["error"]) == ("exchanged_trigger_id", "expired_trigger_id")


async def test_hash_guards_against_lost_updates(world: World) -> None:
    """An update or publication with an old hash is refused."""
    home = {"type": "home", "blocks": []}
    first = (await world.call("views.publish", {"user_id": world.ann.id, "view": home}))["view"]
    await world.call("views.publish", {"user_id": world.ann.id, "view": home, "hash": first["hash"]})
    answer = await world.call("views.publish", {"user_id": world.ann.id, "view": home, "hash": first["hash"]})

    assert answer["error"] == "hash_conflict"


async def test_response_url_works_five_times_and_half_an_hour(world: World) -> None:
    """The sixth response is refused, and one after half an hour."""
    url = world.use.payload["response_url"]
    statuses = []
    for _ in range(6):
        async with world.server.client.post(url, json={"text": "a"}) as response:
            statuses.append(response.status)
    other = await world.ann.commands(world.general, "/remember", "tea")
    world.server.clock.advance(1801)
    async with world.server.client.post(other.payload["response_url"], json={"text": "a"}) as response:
        late = await response.json()

    assert statuses == [200] * 5 + [404]
    assert late["error"] == "expired_url"
    assert len(world.server.ephemerals(world.ann)) == 5


async def test_stream_keeps_its_shape_and_its_end(world: World) -> None:
    """A stream begun with text takes no chunks, and one that the app stopped takes nothing."""
    started = await world.call("chat.startStream", stream(markdown_text="a")(world))
    place = {"channel": world.general.id, "ts": started["ts"]}

    mixed = await world.call("chat.appendStream", {**place, "chunks": [{"type": "markdown_text", "text": "b"}]})
    empty = await world.call("chat.appendStream", place)
    stopped = await world.call("chat.stopStream", {**place, "session_status": "active"})
    after = await world.call("chat.appendStream", {**place, "markdown_text": "b"})

    assert (mixed["error"], empty["error"]) == ("streaming_mode_mismatch", "no_text")
    assert stopped["ok"]
    assert after["error"] == "message_not_in_streaming_state"
    assert world.server.sessions.of(world.general, world.said.ts).status == "active"
    assert len(world.server.violations) == 3


async def test_one_message_a_second(world: World) -> None:
    """When the server counts, a second post to one channel within a second is refused with 429."""
    world.server.one_post_a_second = True

    answers = [await world.call("chat.postMessage", {"channel": world.general.id, "text": "a"}) for _ in range(2)]
    world.server.clock.advance(1)
    answers.append(await world.call("chat.postMessage", {"channel": world.general.id, "text": "a"}))

    assert [answer.get("error") for answer in answers] == [None, "ratelimited", None]


async def test_reply_is_not_a_thread(world: World) -> None:
    """A post with the stamp of a reply lands in the thread, but is noted."""
    reply = await world.ann.says(world.general, "reply", thread=world.said)

    await world.call("chat.postMessage", {"channel": world.general.id, "text": "a", "thread_ts": reply.ts})

    assert [message.shown for message in world.server.replies_to(world.said)] == ["a"]
    assert world.server.violations == ["chat.postMessage: thread_ts is that of a reply"]


PINGING: list[tuple[Json, list[str]]] = [
    ({"text": "<!channel> <!here> <!everyone>"}, ["<!channel>", "<!here>", "<!everyone>"]),
    ({"text": "<!here|here> <!subteam^S1>"}, ["<!here|here>", "<!subteam^S1>"]),
    ({"text": "hi <@U1>, <@W2|bob>"}, ["<@U1>", "<@W2|bob>"]),
    ({"markdown_text": "a <!here>"}, ["<!here>"]),
    ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "<@U1>"}}]}, ["<@U1>"]),
    ({"blocks": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "<@U1>"}]}]}, ["<@U1>"]),
    ({"blocks": [{"type": "context", "elements": [{"type": "mrkdwn", "text": "<@U1>"}]}]}, ["<@U1>"]),
    ({"blocks": [{"type": "markdown", "text": "<!channel>"}]}, ["<!channel>"]),
    ({"blocks": [{"type": "rich_text", "elements": [{"type": "broadcast", "range": "here"}]}]}, ["<!here>"]),
    ({"blocks": [{"type": "rich_text", "elements": [{"type": "user", "user_id": "U1"}]}]}, ["<@U1>"]),
    ({"chunks": [{"type": "markdown_text", "text": "<!here>"}]}, ["<!here>"]),
    ({"attachments": [{"text": "<!here>"}]}, ["<!here>"]),
    ({"text": "@channel and @ann", "parse": "full"}, ["@channel", "@ann"]),
    ({"text": "@here", "link_names": True}, ["@here"]),
    ({"text": "@channel and @ann"}, []),
    ({"text": "&lt;!channel&gt; &lt;@U1&gt;"}, []),
    ({"text": "<https://example.org|@channel> <#C1|general> <!date^1^{date}|now>"}, []),
    ({"text": "me@here.example", "parse": "full"}, []),
    ({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "<!channel>"}}]}, []),
]


@pytest.mark.parametrize(("body", "expected"), PINGING)
def test_pings(body: Json, expected: list[str]) -> None:
    """Each way to notify somebody is seen, and nothing else is."""
    assert list(pings_in(body)) == expected


async def test_pings_are_noted_once_and_never_for_ephemeral_messages(world: World) -> None:
    """A mention that stays when a message changes notifies nobody again, an ephemeral one nobody at all."""
    place = {"channel": world.general.id}
    ts = (await world.call("chat.postMessage", {**place, "text": "<!here> a"}))["ts"]
    await world.call("chat.update", {**place, "ts": ts, "text": "<!here> b <@U1>"})
    await world.call("chat.postEphemeral", {**place, "user": world.ann.id, "text": "<!here>"})

    assert [(ping.method, ping.who) for ping in world.server.pings] == [
        ("chat.postMessage", "<!here>"),
        ("chat.update", "<@U1>"),
    ]


async def test_posts_with_previews_are_noted(world: World) -> None:
    """A post that does not switch both previews off stands in `unfurls`."""
    off = {"unfurl_links": False, "unfurl_media": False}
    for more in ({}, {"unfurl_links": False}, off):
        await world.call("chat.postMessage", {"channel": world.general.id, "text": "a", **more})

    assert len(world.server.unfurls) == 2


def test_faults_point_at_their_place() -> None:
    """A fault is worded as Slack words it, with the place in the JSON."""
    (fault,) = block_faults([{"type": "section", "text": mrkdwn(3001)}], "message")

    assert str(fault) == "must be at most 3000 long [json-pointer:/blocks/0/text/text]"


@pytest.mark.parametrize("text", ["a < b && c > d", "see https://example.org/?a=1&b=2 now", "<@U1> & <!here>"])
def test_text_travels_escaped(text: str) -> None:
    """What people type is escaped on its way but for mentions, and links get brackets."""
    sent = as_sent(text)

    assert unescaped(sent).replace("<https", "https").replace("=2>", "=2") == text
    assert " & " not in sent


async def test_manifest_configures_the_app(world: World) -> None:
    """After `configure` people can use what the manifest has, and nothing else."""
    world.server.configure(manifest())

    with pytest.raises(ValueError, match="/forget is not configured"):
        await world.ann.commands(world.general, "/forget")
    assert world.server.bot_events == {"message.im"}


def manifest(**changes: Json) -> Json:
    """Return a small manifest that is right, with whole sections changed."""
    return {
        "display_information": {"name": "Forget-me-not"},
        "features": {
            "bot_user": {"display_name": "Forget-me-not"},
            "slash_commands": [{"command": "/remember", "description": "Remember something"}],
            "shortcuts": [{"name": "Remember", "type": "message", "callback_id": "remember", "description": "Keep it"}],
        },
        "oauth_config": {"scopes": {"bot": ["commands", "im:history"]}},
        "settings": {"socket_mode_enabled": True, "event_subscriptions": {"bot_events": ["message.im"]}},
        **changes,
    }


def featuring(**features: object) -> Json:
    """Return a change of the features."""
    return {"features": {"bot_user": {"display_name": "a"}, **features}}


def hearing(*events: str, **settings: object) -> Json:
    """Return a change of the subscriptions."""
    return {"settings": {"event_subscriptions": {"bot_events": list(events)}, **settings}}


COMMANDS = [{"command": f"/c{number}", "description": "a"} for number in range(51)]
SHORTCUTS = [{"name": "a", "type": "global", "callback_id": str(n), "description": "a"} for n in range(11)]
AS_AGENT = {"oauth_config": {"scopes": {"bot": ["assistant:write", "im:history"]}}}

MANIFESTS: list[tuple[str, Json]] = [
    ("display_information.name", {"display_information": {"name": "x" * 36}}),
    ("display_information.long_description", {"display_information": {"name": "a", "long_description": "short"}}),
    ("display_information.background_color", {"display_information": {"name": "a", "background_color": "blue"}}),
    ("features.slash_commands", featuring(slash_commands=COMMANDS)),
    ("features.slash_commands.0.command", featuring(slash_commands=[{"command": "Remember", "description": "a"}])),
    ("features.shortcuts", featuring(shortcuts=SHORTCUTS)),
    ("features.shortcuts.0.type", featuring(shortcuts=[{**SHORTCUTS[0], "type": "local"}])),
    ("features", featuring(shortcuts=[SHORTCUTS[0]] * 2)),
    (
        "features.agent_view.agent_description",
        {**AS_AGENT, **featuring(agent_view={"agent_description": "x" * 301})},
    ),
    (
        "features.agent_view.suggested_prompts",
        {**AS_AGENT, **featuring(agent_view={"suggested_prompts": prompts(5)})},
    ),
    ("oauth_config.scopes.bot", featuring(agent_view={"agent_description": "a"})),
    ("oauth_config.scopes.bot", {"oauth_config": {"scopes": {"bot": ["im:history"]}}}),
    ("features.bot_user", {"features": {}}),
    ("settings.event_subscriptions.bot_events.0", hearing("message.channels", socket_mode_enabled=True)),
    ("settings.event_subscriptions.bot_events.0", hearing("message.heard", socket_mode_enabled=True)),
    ("settings.event_subscriptions.request_url", {**hearing("message.im"), **featuring()}),
    ("extra", {"extra": {}}),
]


@pytest.mark.parametrize(("path", "changes"), MANIFESTS)
def test_manifest_faults(path: str, changes: Json) -> None:
    """Each fault of a manifest is found at its place, and only there."""
    assert [fault.path for fault in manifest_faults(manifest(**changes))] == [path]


async def test_manifest_is_validated_by_the_method(world: World) -> None:
    """apps.manifest.validate takes a right manifest and names what is wrong with another."""
    token = world.server.config_token
    right = await world.call("apps.manifest.validate", {"manifest": json.dumps(manifest())}, token)
    wrong = await world.call("apps.manifest.validate", {"manifest": json.dumps(manifest(extra={}))}, token)

    assert right["ok"]
    assert wrong["errors"] == [{"message": "unknown section", "pointer": "/extra"}]
