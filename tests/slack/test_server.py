"""The local Slack server against the real slack-bolt: what people do arrives, what the app answers is kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack import Forgery, SlackServer, Timing, error, lose_answer, rate_limited, slow, status
from tests.servers.slack.wire import Json
from tests.slack.bolt import BUTTON, FEEDBACK, by_http, by_socket, make_app


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    """A server whose retries follow within a second."""
    async with SlackServer(timing=Timing().hurried(1000)) as server:
        yield server


@pytest.fixture(params=["socket", "http"])
async def seen(request: pytest.FixtureRequest, server: SlackServer) -> AsyncIterator[list[Json]]:
    """The events of an app that is connected, both ways in turn."""
    app, events = make_app(server)
    async with by_socket(server, app) if request.param == "socket" else by_http(server, app):
        yield events


@pytest.fixture
async def events_by_socket(server: SlackServer) -> AsyncIterator[list[Json]]:
    """The events of an app that is connected by Socket Mode."""
    app, events = make_app(server)
    async with by_socket(server, app):
        yield events


async def test_mention_arrives_twice_with_one_stamp_and_is_answered(server: SlackServer, seen: list[Json]) -> None:
    """A mention in a channel comes as app_mention and as message, with different event ids."""
    ann, general = server.team.add_person("Ann"), server.team.add_channel("general")
    server.team.invite(general)

    message = await ann.says(general, f"{server.mention} a & b, see https://example.org")
    await server.until(lambda: server.replies_to(message) and len(seen) == 2)

    assert {event["type"] for event in seen} == {"app_mention", "message"}
    assert {event["ts"] for event in seen} == {message.ts}
    assert seen[0]["text"] == f"{server.mention} a &amp; b, see <https://example.org>"
    ids = [sent.payload["event_id"] for sent in server.deliveries.sent if sent.message is message]
    assert len(set(ids)) == 2
    assert [reply.shown for reply in server.replies_to(message)] == ["hello"]
    assert (server.violations, server.unfurls, server.pings) == ([], [], [])


async def test_command_shortcut_form_and_button(server: SlackServer, seen: list[Json]) -> None:
    """What people do is acknowledged, and what the app answers is shown to them."""
    ann, general = server.team.add_person("Ann"), server.team.add_channel("general")
    server.team.invite(general)

    used = await ann.commands(general, "/remember", "tea")
    await server.until(lambda: used.responses)
    opened = await ann.shortcut("my_memory")
    form = await server.until(lambda: opened.view)
    refused = await ann.submits(form, {"text": "bad"})
    still_open = ann.modal
    await ann.submits(form, {"text": "good"})
    await ann.opens_home()
    home = await server.until(lambda: server.home(ann))
    pressed = await ann.presses(home, "Forget")

    assert used.acknowledged_after_s is not None
    assert [message.shown for message in server.ephemerals(ann)] == ["remembered"]
    assert refused.errors == {"statement": "not that"}
    assert (still_open, ann.modal) == (form, None)
    assert pressed.payload["actions"][0]["value"] == "m1"
    assert server.violations == []
    assert {ack.kind for ack in server.acks} == {"events_api", "slash_commands", "interactive"}


async def test_buttons_of_messages(server: SlackServer, events_by_socket: list[Json]) -> None:
    """A button under a message brings its message and a response URL; feedback brings the chosen half."""
    ann = server.team.add_person("Ann")
    message = server.posts.post(ann.im, {"text": "answer", "blocks": [BUTTON, FEEDBACK]})

    await ann.presses(message, "Bad")
    used = await ann.presses(message, "forget")
    await server.until(lambda: message.shown == "gone")

    assert used.payload["message"]["ts"] == message.ts
    assert [event["value"] for event in events_by_socket if event["type"] == "feedback_buttons"] == ["bad"]
    with pytest.raises(ValueError, match="0 things are called 'Nothing'"):
        await ann.presses(message, "Nothing")


async def test_ephemeral_messages_have_no_copy_in_payloads(server: SlackServer, events_by_socket: list[Json]) -> None:
    """Pressing a button of an ephemeral message sends its stamp only, and its response replaces it."""
    ann = server.team.add_person("Ann")
    message = server.posts.post(ann.im, {"text": "answer", "blocks": [BUTTON]}, only_for=ann)

    used = await ann.presses(message, "Forget")
    await server.until(lambda: message.shown == "gone")

    assert used.payload["container"]["is_ephemeral"]
    assert "message" not in used.payload


async def test_edits_previews_and_deletions(server: SlackServer, events_by_socket: list[Json]) -> None:
    """An edit carries `edited`, a preview does not, a deletion has the text in previous_message only."""
    ann = server.team.add_person("Ann")

    message = await ann.says(ann.im, "hi")
    await server.previews(message)
    await ann.edits(message, "ho")
    await ann.deletes(message)
    await server.until(lambda: len(events_by_socket) == 4)

    said, preview, edit, deletion = events_by_socket
    assert (said["channel_type"], "subtype" in said) == ("im", False)
    assert (preview["subtype"], "edited" in preview["message"]) == ("message_changed", False)
    assert (edit["message"]["text"], edit["previous_message"]["text"]) == ("ho", "hi")
    assert edit["message"]["edited"]["user"] == ann.id
    assert (deletion["subtype"], deletion["previous_message"]["text"]) == ("message_deleted", "ho")


async def test_strangers_and_guests(server: SlackServer, events_by_socket: list[Json]) -> None:
    """Somebody of another workspace is a stranger, and their messages name where they come from."""
    client = AsyncWebClient(token=server.bot_token, base_url=server.api_base)
    other = server.add_workspace("Globex", enterprise_id="E9", installed=False)
    zoe = server.team.add_person("Zoe", stranger_of=other)
    max_ = server.team.add_person("Max", guest=True)
    shared = server.team.add_channel("shared", ext_shared=True)
    server.team.invite(shared)

    message = await zoe.says(shared, "hi")
    await server.until(lambda: events_by_socket)
    stranger = (await client.users_info(user=zoe.id))["user"]

    assert stranger["is_stranger"]
    assert (stranger["team_id"], stranger["enterprise_user"]["enterprise_id"]) == (other.id, "E9")
    assert (await client.users_info(user=max_.id))["user"]["is_restricted"]
    assert (await client.conversations_info(channel=shared.id))["channel"]["is_ext_shared"]
    assert events_by_socket[0]["user_team"] == "E9"
    assert next(sent for sent in server.deliveries.sent if sent.message is message).payload["is_ext_shared_channel"]


async def test_unacknowledged_event_is_sent_again_and_noted(server: SlackServer) -> None:
    """An event nobody listens to is not acknowledged by bolt, so it comes four times with one id, and is noted."""
    server.timing = Timing(acknowledgement_s=0.05).hurried(10_000)
    app = AsyncApp(client=AsyncWebClient(token=server.bot_token, base_url=server.api_base))
    async with by_socket(server, app):
        ann = server.team.add_person("Ann")
        await ann.says(ann.im, "hi")
        sent = server.deliveries.sent[0]
        await sent.done.wait()

    assert [outcome.acknowledged for outcome in sent.outcomes] == [False] * 4
    assert len(server.violations) == 4
    assert "events_api message: timeout" in server.violations[0]


async def test_redelivery_repeats_the_events(server: SlackServer, events_by_socket: list[Json]) -> None:
    """Events can come again: twice with other ids, and as a retry of the first."""
    ann = server.team.add_person("Ann")

    message = await ann.says(ann.im, "hi")
    await server.redeliver(message, times=2)
    await server.redeliver(message, new_event_ids=False)
    await server.until(lambda: len(events_by_socket) == 4 and len(server.acks) == 4)

    ids = [sent.payload["event_id"] for sent in server.deliveries.sent]
    assert (len(ids), len(set(ids))) == (4, 3)
    assert sorted(ack.attempt for ack in server.acks) == [0, 0, 0, 1]


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_refreshed_socket(server: SlackServer, events_by_socket: list[Json], reason: str) -> None:
    """The app connects anew when it is asked to, and goes on."""
    ann = server.team.add_person("Ann")

    await server.sockets.refresh(reason)
    await server.until(lambda: server.sockets.opened == 2 and len(server.sockets.connections) == 1)
    await ann.says(ann.im, "hi")

    assert await server.until(lambda: events_by_socket)


async def test_dropped_socket(server: SlackServer, events_by_socket: list[Json]) -> None:
    """A line cut without a close frame is noticed by ping, the second attempt to connect succeeds."""
    ann = server.team.add_person("Ann")
    await server.until(lambda: server.sockets.pings)

    server.sockets.refuse(1)
    await server.sockets.drop()
    await ann.says(ann.im, "while away")
    await server.sockets.until_connected()
    await ann.says(ann.im, "hi")

    assert await server.until(lambda: [event for event in events_by_socket if event["text"] == "hi"])
    assert server.violations == []


async def test_event_goes_to_one_of_several_sockets(server: SlackServer) -> None:
    """With two connections each event reaches one of them, in turn."""
    (first, first_seen), (second, second_seen) = make_app(server), make_app(server)
    async with by_socket(server, first), by_socket(server, second):
        await server.sockets.until_connected(2)
        ann = server.team.add_person("Ann")
        for number in range(4):
            await ann.says(ann.im, str(number))
        await server.until(lambda: len(first_seen) + len(second_seen) == 4)

    assert len(first_seen) == len(second_seen) == 2


async def test_signed_requests_pass_and_forged_ones_do_not(server: SlackServer) -> None:
    """bolt accepts what is signed rightly, url_verification included, and refuses every forgery."""
    app, seen = make_app(server)
    async with by_http(server, app):
        ann = server.team.add_person("Ann")
        await ann.says(ann.im, "hi")
        await server.until(lambda: seen)
        body = json.dumps(server.deliveries.sent[0].payload)
        verified = await server.http.verifies_url()
        statuses = {forgery: (await server.http.forge(forgery, body)).status for forgery in Forgery}
        replayed = await server.http.replay(server.http.posted[0])

    assert verified
    assert statuses.pop(Forgery.TIMESTAMP_IN_WORDS) == 500  # bolt stumbles over it, but does not let it in
    assert set(statuses.values()) == {401}
    assert replayed.status == 200  # bolt alone does not see a replay; that is left to the app


async def test_app_that_is_away_gets_its_event_by_http_retry(server: SlackServer) -> None:
    """A connection that fails is no fault; the event comes again when the app is there."""
    app, seen = make_app(server)
    async with by_http(server, app):
        url = server.http.url
    server.http.deliver_to(url)
    ann = server.team.add_person("Ann")

    await ann.says(ann.im, "hi")
    delivery = server.deliveries.sent[0]
    await server.until(lambda: delivery.outcomes)
    async with by_http(server, app):
        await server.until(lambda: seen)

    assert delivery.outcomes[0].reason == "connection_failed"
    assert server.violations == []


async def test_stream_is_written_piece_by_piece(server: SlackServer) -> None:
    """The SDK's stream helper writes into a thread; blocks close it."""
    client, ann = AsyncWebClient(token=server.bot_token, base_url=server.api_base), server.team.add_person("Ann")
    message = await ann.says(ann.im, "hi")

    stream = await client.chat_stream(channel=ann.im.id, thread_ts=message.ts, buffer_size=1)
    await stream.append(markdown_text="one ")
    await stream.append(markdown_text="two <!here>")
    with pytest.raises(SlackApiError, match="streaming_state_conflict"):
        await client.chat_update(channel=ann.im.id, ts=stream.ts or "", text="other")
    await stream.stop(blocks=[FEEDBACK])

    (reply,) = server.replies_to(message)
    assert reply.shown == "one two <!here>"
    assert reply.buttons == []
    assert reply.blocks[-1]["elements"][0]["action_id"] == "feedback"
    assert [ping.who for ping in server.pings] == ["<!here>"]
    assert server.violations == ["chat.update: streaming_state_conflict"]


@pytest.mark.parametrize(("how", "code"), [("time", "message_not_in_streaming_state"), ("stop", "stopped_by_user")])
async def test_stream_that_ended_refuses_more(server: SlackServer, how: str, code: str) -> None:
    """A stream that ran out or was stopped by a person takes nothing more, which is not the app's fault."""
    client, ann = AsyncWebClient(token=server.bot_token, base_url=server.api_base), server.team.add_person("Ann")
    message = await ann.says(ann.im, "hi")
    stream = await client.chat_stream(channel=ann.im.id, thread_ts=message.ts, buffer_size=1)
    await stream.append(markdown_text="one ")

    if how == "time":
        server.clock.advance(301)
    else:
        await ann.stops(message)
    with pytest.raises(SlackApiError, match=code):
        await stream.append(markdown_text="two")
    await client.chat_update(channel=ann.im.id, ts=stream.ts or "", text="one two")

    assert [reply.shown for reply in server.replies_to(message)] == ["one two"]
    assert server.violations == []


async def test_unfinished_stream_and_session_are_noted_at_the_end() -> None:
    """A stream that nobody stopped and a session left in processing are violations when the server closes."""
    async with SlackServer() as server:
        client, ann = AsyncWebClient(token=server.bot_token, base_url=server.api_base), server.team.add_person("Ann")
        message = await ann.chats("hi")
        await client.chat_startStream(channel=ann.im.id, thread_ts=message.ts)
        await client.agents_sessions_setStatus(channel_id=ann.im.id, thread_ts=message.ts, status="processing")

    assert len(server.violations) == 2


async def test_scripted_faults(server: SlackServer) -> None:
    """Methods fail as they are told to: with an error, a status, a wait, late, or after doing their work."""
    client = AsyncWebClient(token=server.bot_token, base_url=server.api_base, retry_handlers=[])
    ann = server.team.add_person("Ann")
    server.will("auth.test", error("fatal_error"), status(503), rate_limited(7), slow(0.01))
    server.will("chat.postMessage", lose_answer())

    with pytest.raises(SlackApiError, match="fatal_error"):
        await client.auth_test()
    with pytest.raises(SlackApiError, match="503"):
        await client.auth_test()
    with pytest.raises(SlackApiError, match="ratelimited") as refused:
        await client.auth_test()
    assert (await client.auth_test())["bot_id"] == server.team.bot.bot_id
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=ann.im.id, text="hi")

    assert refused.value.response.headers["Retry-After"] == "7"
    assert [message.shown for message in ann.im.visible] == ["hi"]


async def test_files_need_the_token(server: SlackServer, events_by_socket: list[Json]) -> None:
    """A file is given to whom has the token; others get a login page with status 200."""
    ann = server.team.add_person("Ann")

    await ann.says(ann.im, "look", files=[("notes.txt", b"tea")])
    await server.until(lambda: events_by_socket)
    url = events_by_socket[0]["files"][0]["url_private"]
    async with server.client.get(url, headers={"Authorization": f"Bearer {server.bot_token}"}) as response:
        content = await response.read()
    async with server.client.get(url) as response:
        page = response.status, response.content_type

    assert events_by_socket[0]["subtype"] == "file_share"
    assert (content, page) == (b"tea", (200, "text/html"))


async def test_upload(server: SlackServer) -> None:
    """The SDK uploads a file in its three requests."""
    client, ann = AsyncWebClient(token=server.bot_token, base_url=server.api_base), server.team.add_person("Ann")

    await client.files_upload_v2(channel=ann.im.id, filename="export.json", content="{}", initial_comment="yours")

    (message,) = ann.im.visible
    assert (message.text, message.files[0].content) == ("yours", b"{}")
    assert server.violations == []


async def test_history_threads_and_pages(server: SlackServer) -> None:
    """History leaves replies out and is read in pages; a thread has them."""
    client, ann = AsyncWebClient(token=server.bot_token, base_url=server.api_base), server.team.add_person("Ann")
    root = await ann.says(ann.im, "root")
    await ann.says(ann.im, "reply", thread=root)
    await ann.says(ann.im, "next")

    pages = [page["messages"] async for page in await client.conversations_history(channel=ann.im.id, limit=1)]
    replies = await client.conversations_replies(channel=ann.im.id, ts=root.ts)

    assert [[one["text"] for one in page] for page in pages] == [["next"], ["root"]]
    assert [one["text"] for one in replies["messages"]] == ["root", "reply"]


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # slack_sdk 3.47 uses it
async def test_installation_rotation_and_removal(server: SlackServer, events_by_socket: list[Json]) -> None:
    """A code works once, a refresh token once, and after removal the token is dead."""
    server.oauth.rotates = True
    team = server.add_workspace("Beta", installed=False)
    client = AsyncWebClient(base_url=server.api_base)
    secrets = {"client_id": server.oauth.client_id, "client_secret": server.oauth.client_secret}
    code = server.oauth.approve(team)

    given = await client.oauth_v2_access(**secrets, code=code)
    rotated = await client.oauth_v2_access(**secrets, grant_type="refresh_token", refresh_token=given["refresh_token"])
    with pytest.raises(SlackApiError, match="code_already_used"):
        await client.oauth_v2_access(**secrets, code=code)
    server.clock.advance(12 * 3600 + 1)
    with pytest.raises(SlackApiError, match="token_expired"):
        await client.auth_test(token=rotated["access_token"])
    await team.uninstalls()

    names = [sent.name for sent in server.deliveries.sent]
    assert given["team"] == {"id": team.id, "name": "Beta"}
    assert names == ["tokens_revoked", "app_uninstalled"]
    with pytest.raises(SlackApiError, match="token_revoked"):
        await client.auth_test(token=rotated["access_token"])


async def test_browser_is_sent_back_with_code_and_state(server: SlackServer) -> None:
    """The page that asks a person agrees at once and hands the state back."""
    query = {"client_id": server.oauth.client_id, "state": "s", "redirect_uri": "http://127.0.0.1:9/back"}

    async with server.client.get(server.oauth.authorize_url, params=query, allow_redirects=False) as response:
        back = response.headers["Location"]

    assert back.startswith("http://127.0.0.1:9/back?code=code-")
    assert back.endswith("&state=s")


async def test_waiting_ends_with_what_was_called(server: SlackServer) -> None:
    """A condition that never holds ends in an error that names the latest calls."""
    with pytest.raises(SlackApiError):
        await AsyncWebClient(token="xoxb-no", base_url=server.api_base).auth_test()

    with pytest.raises(TimeoutError, match=r"auth\.test: invalid_auth"):
        await server.until(lambda: False, timeout_s=0.01)


async def test_unsubscribed_and_ungranted_events_stay_away(server: SlackServer) -> None:
    """Without subscription, scope or membership nothing is sent."""
    ann, general = server.team.add_person("Ann"), server.team.add_channel("general")
    assert server.team.grant is not None

    await ann.says(general, "no member")
    server.bot_events.remove("message.im")
    await ann.says(ann.im, "not subscribed")
    server.bot_events.add("message.im")
    server.team.grant.scopes.remove("im:history")
    await ann.says(ann.im, "no scope")
    await asyncio.sleep(0)

    assert server.deliveries.sent == []
