"""What the local Discord server refuses of a bot, with the code that Discord has for it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.discord.server.rest_client import SAY, RestClient, X, texts

COMMANDS = "/applications/{bot}/commands"

AVOIDABLE: Mapping[str, tuple[str, str, object, int, int]] = {
    "edit of an unknown message": ("PATCH", SAY + "/1", X, 404, 10008),
    "delete of an unknown message": ("DELETE", SAY + "/1", None, 404, 10008),
    "edit of another's message": ("PATCH", SAY + "/{anns}", X, 403, 50005),
    "delete of another's message": ("DELETE", SAY + "/{anns}", None, 403, 50013),
    "edit to nothing": ("PATCH", SAY + "/{own}", {"content": ""}, 400, 50006),
    "edit to 2,001 characters": ("PATCH", SAY + "/{own}", {"content": "x" * 2001}, 400, 50035),
    "edit to v2 that keeps its content": ("PATCH", SAY + "/{own}", texts("a"), 400, 50035),
    "reply to a system message": ("POST", SAY, {**X, "message_reference": {"message_id": "{join}"}}, 400, 50035),
    "message in a forum": ("POST", "/channels/{forum}/messages", X, 400, 50008),
    "101 messages of history": ("GET", SAY + "?limit=101", None, 400, 50035),
    "no number for an id": ("GET", "/channels/general", None, 400, 50035),
    "thread without a name": ("POST", SAY + "/{anns}/threads", {"name": ""}, 400, 50035),
    "thread with a long name": ("POST", "/channels/{general}/threads", {"name": "x" * 101, "type": 11}, 400, 50035),
    "no such route": ("GET", "/channels/{general}/everything", None, 404, 0),
    "commands of another application": ("GET", "/applications/1/commands", None, 404, 10063),
    "unknown command": ("DELETE", COMMANDS + "/1", None, 404, 10063),
    "direct messages with itself": ("POST", "/users/@me/channels", {"recipient_id": "{bot}"}, 400, 50035),
}

OF_THE_WORLD: Mapping[str, tuple[str, str, object, int, int]] = {
    "unknown channel": ("GET", "/channels/1", None, 404, 10003),
    "deleted channel": ("POST", "/channels/{deleted}/messages", X, 404, 10003),
    "edit of a deleted message": ("PATCH", SAY + "/{gone}", X, 404, 10008),
    "delete of a deleted message": ("DELETE", SAY + "/{gone}", None, 404, 10008),
    "unseen channel": ("POST", "/channels/{staff}/messages", X, 403, 50001),
    "unseen history": ("GET", "/channels/{staff}/messages", None, 403, 50001),
    "private thread of others": ("POST", "/channels/{closed_thread}/messages", X, 403, 50001),
    "channel of a foreign guild": ("POST", "/channels/{foreign}/messages", X, 403, 50001),
    "foreign guild": ("GET", "/guilds/{elsewhere}", None, 404, 10004),
    "unknown person": ("GET", "/users/1", None, 404, 10013),
    "unknown member": ("GET", "/guilds/{guild}/members/1", None, 404, 10007),
    "no sending": ("POST", "/channels/{mute}/messages", X, 403, 50013),
    "no sending in threads": ("POST", "/channels/{thread}/messages", X, 403, 50013),
    "no typing": ("POST", "/channels/{mute}/typing", None, 403, 50013),
    "no starting of threads": ("POST", "/channels/{mute}/threads", {"name": "x", "type": 11}, 403, 50013),
    "no reading back": ("GET", "/channels/{blind}/messages/{seen}", None, 403, 50013),
    "no replying": (
        "POST",
        "/channels/{blind}/messages",
        {**X, "message_reference": {"message_id": "{seen}"}},
        403,
        160002,
    ),
    "closed direct messages": ("POST", "/channels/{closed}/messages", X, 403, 50007),
    "locked thread": ("POST", "/channels/{locked}/messages", X, 400, 160005),
    "edit in an archived thread": ("PATCH", "/channels/{old}/messages/{in_old}", X, 400, 50083),
}


@pytest.mark.parametrize("case", [*AVOIDABLE, *OF_THE_WORLD])
async def test_request_is_refused(rest: RestClient, case: str) -> None:
    """A refusal has Discord's code; only what a correct bot would never have asked is a violation."""
    method, path, body, status, code = {**AVOIDABLE, **OF_THE_WORLD}[case]
    answered, answer = await rest.ask(method, path, body)

    assert (answered, answer["code"]) == (status, code)
    assert len(rest.server.refusals) == 1
    assert len(rest.server.violations) == (case in AVOIDABLE)


async def test_history_that_may_not_be_read_is_empty(rest: RestClient) -> None:
    """Without the permission for history Discord shows none of it."""
    assert await rest.ask("GET", "/channels/{blind}/messages") == (200, [])


async def test_archived_thread_wakes_up(rest: RestClient) -> None:
    """A message in an archived thread that is not locked takes it out of the archive."""
    status, _ = await rest.ask("POST", "/channels/{old}/messages", X)

    assert (status, rest.channel("old").archived) == (200, False)


async def test_thread_of_a_message_exists_once(rest: RestClient) -> None:
    """A second thread from the same message is refused."""
    first, _ = await rest.ask("POST", SAY + "/{anns}/threads", {"name": "x"})
    second, answer = await rest.ask("POST", SAY + "/{anns}/threads", {"name": "x"})

    assert (first, second, answer["code"]) == (200, 400, 160004)


async def test_token_is_asked_for(rest: RestClient) -> None:
    """Without the bot's token nothing is answered, and that is no violation: a test may mean it."""
    status, answer = await rest.ask("GET", "/users/@me", token="wrong")

    assert (status, answer["code"]) == (401, 0)
    assert rest.server.violations == []


async def test_nonce_sends_once(rest: RestClient) -> None:
    """The same nonce gives the message that it has already sent, unless it is not enforced."""
    sent = [await rest.ask("POST", SAY, {**X, "nonce": "n", "enforce_nonce": True}) for _ in range(2)]
    free = [await rest.ask("POST", SAY, {**X, "nonce": "m"}) for _ in range(2)]

    assert sent[0][1]["id"] == sent[1][1]["id"]
    assert free[0][1]["id"] != free[1][1]["id"]


async def test_history_pages(rest: RestClient) -> None:
    """Before, after and around give their part of a history, newest first."""
    messages = [rest.server.post(rest.channel("dm"), rest.ann, str(n)) for n in range(6)]
    path = "/channels/{dm}/messages?limit=2&"
    asked = [f"before={messages[3].id}", f"after={messages[3].id}", f"around={messages[3].id}"]
    found = [(await rest.ask("GET", path + part))[1] for part in asked]
    last = (await rest.ask("GET", "/channels/{dm}/messages?limit=3"))[1]

    assert [message["content"] for message in last] == ["5", "4", "3"]
    assert [[message["content"] for message in page] for page in found] == [["2", "1"], ["5", "4"], ["3", "2"]]
