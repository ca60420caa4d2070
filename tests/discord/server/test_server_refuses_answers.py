"""What the local Discord server takes and refuses as answers to interactions."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.discord.server.rest_client import SAY, RestClient, X, button, row, select
from tests.servers.discord.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT


def field(**more: object) -> dict[str, object]:
    """Return a text input of a modal."""
    return {"type": 4, "custom_id": "t", "style": 1, "label": "l", **more}


CALLBACK = "/interactions/{use}/{token}/callback"
HOOK = "/webhooks/{bot}/{token}"
HI = {"type": 4, "data": {"content": "hi"}}
MODAL = {"title": "t", "custom_id": "m", "components": [row(field())]}


def modal(**more: object) -> dict[str, object]:
    """Return the opening of a modal."""
    return {"type": 9, "data": {**MODAL, **more}}


def choices(*given: object) -> dict[str, object]:
    """Return the choices of an autocomplete."""
    return {"type": 8, "data": {"choices": list(given)}}


ANSWERS: Mapping[str, tuple[int, object]] = {
    "2,001 characters": (COMMAND, {"type": 4, "data": {"content": "x" * 2001}}),
    "update of nothing": (COMMAND, {"type": 7, "data": {"content": "x"}}),
    "deferred update of nothing": (COMMAND, {"type": 6}),
    "choices for a command": (COMMAND, choices()),
    "message for an autocomplete": (AUTOCOMPLETE, HI),
    "modal after a modal": (MODAL_SUBMIT, modal()),
    "unknown type": (COMMAND, {"type": 99}),
    "flags of a deferred answer": (COMMAND, {"type": 5, "data": {"flags": 4}}),
    "26 choices": (AUTOCOMPLETE, choices(*({"name": "n", "value": str(n)} for n in range(26)))),
    "long name of a choice": (AUTOCOMPLETE, choices({"name": "x" * 101, "value": "v"})),
    "long value of a choice": (AUTOCOMPLETE, choices({"name": "n", "value": "x" * 101})),
    "number for a text": (AUTOCOMPLETE, choices({"name": "n", "value": 5})),
    "title": (COMMAND, modal(title="x" * 46)),
    "no title": (COMMAND, modal(title="")),
    "no rows": (COMMAND, modal(components=[])),
    "6 rows": (COMMAND, modal(components=[row(field(custom_id=str(n))) for n in range(6)])),
    "label": (COMMAND, modal(components=[row(field(label="x" * 46))])),
    "no label": (COMMAND, modal(components=[row(field(label=None))])),
    "placeholder": (COMMAND, modal(components=[row(field(placeholder="x" * 101))])),
    "value": (COMMAND, modal(components=[row(field(value="x" * 4001))])),
    "max_length": (COMMAND, modal(components=[row(field(max_length=4001))])),
    "two fields in a row": (COMMAND, modal(components=[row(field(), field(custom_id="u"))])),
    "field twice": (COMMAND, modal(components=[row(field()), row(field())])),
    "button in a modal": (COMMAND, modal(components=[row(button())])),
    "label component": (COMMAND, modal(components=[{"type": 18, "label": "x" * 46, "component": field(label=None)}])),
    "label around nothing": (COMMAND, modal(components=[{"type": 18, "label": "l"}])),
}


@pytest.mark.parametrize("case", ANSWERS)
async def test_answer_is_refused(rest: RestClient, case: str) -> None:
    """A bad answer is refused, and the interaction still waits for a good one."""
    kind, body = ANSWERS[case]
    use = rest.asks(kind, options=[{"name": "o", "type": 3, "focused": True}])
    status, answer = await rest.ask("POST", CALLBACK, body)

    assert (status, answer["code"]) == (400, 50035)
    assert rest.server.unacknowledged() == [use]
    assert len(rest.server.violations) == 1


@pytest.mark.parametrize(
    "body",
    [
        modal(
            title="x" * 45,
            components=[row(field(value="x" * 4000, label="x" * 45, custom_id=str(n))) for n in range(5)],
        ),
        modal(components=[{"type": 18, "label": "l", "component": select()}, {"type": 10, "content": "told"}]),
        {"type": 5, "data": {"flags": 64}},
    ],
)
async def test_answer_at_the_limit_is_taken(rest: RestClient, body: object) -> None:
    """What just fits is taken, and the interaction is acknowledged."""
    use = rest.asks(COMMAND)
    status, _ = await rest.ask("POST", CALLBACK, body)

    assert (status, use.acknowledged_after_s is not None) == (204, True)


async def test_acknowledged_once(rest: RestClient) -> None:
    """A second answer to the same interaction is refused."""
    rest.asks(COMMAND)
    await rest.ask("POST", CALLBACK, HI)
    status, answer = await rest.ask("POST", CALLBACK, HI)

    assert (status, answer["code"]) == (400, 40060)


async def test_acknowledged_in_time(rest: RestClient) -> None:
    """After three seconds the interaction is unknown, and so is its webhook."""
    rest.asks(COMMAND)
    rest.server.advance(3.1)
    late, answer = await rest.ask("POST", CALLBACK, HI)
    after, hook = await rest.ask("POST", HOOK, X)

    assert (late, answer["code"], after, hook["code"]) == (404, 10062, 404, 10015)


async def test_token_of_nobody(rest: RestClient) -> None:
    """Tokens that were never given out are unknown."""
    rest.names |= {"use": 1, "token": 2}
    callback, first = await rest.ask("POST", CALLBACK, HI)
    hook, second = await rest.ask("POST", HOOK, X)

    assert (callback, first["code"], hook, second["code"]) == (404, 10062, 404, 10015)


async def test_token_dies_after_a_quarter_of_an_hour(rest: RestClient) -> None:
    """A token works for fifteen minutes."""
    rest.asks(COMMAND)
    await rest.ask("POST", CALLBACK, HI)
    rest.server.advance(14 * 60)
    alive, _ = await rest.ask("PATCH", HOOK + "/messages/@original", X)
    rest.server.advance(2 * 60)
    dead, answer = await rest.ask("POST", HOOK, X)

    assert (alive, dead, answer["code"]) == (200, 401, 50027)


async def test_visibility_is_decided_when_deferred(rest: RestClient) -> None:
    """The first follow-up fills the deferred answer and keeps its visibility; the second has its own."""
    use = rest.asks(COMMAND)
    await rest.ask("POST", CALLBACK, {"type": 5})
    waiting = [message.is_loading for message in use.messages]
    first = (await rest.ask("POST", HOOK, {**X, "flags": 64}))[1]
    second = (await rest.ask("POST", HOOK, {**X, "flags": 64}))[1]

    assert waiting == [True]
    assert (first["id"], first["flags"]) == (str(use.messages[0].id), 0)
    assert second["flags"] == 64
    assert [message.is_ephemeral for message in use.messages] == [False, True]


async def test_guest_has_five_follow_ups(rest: RestClient) -> None:
    """Where only the person installed the bot the sixth follow-up is refused."""
    rest.asks(COMMAND, channel=rest.ann.dm_with(rest.server.owner))
    await rest.ask("POST", CALLBACK, HI)
    statuses = [(await rest.ask("POST", HOOK, X))[0] for _ in range(6)]

    assert statuses == [200] * 5 + [400]


async def test_messages_of_an_interaction(rest: RestClient) -> None:
    """The original and the follow-ups can be read, edited and deleted by their token; what is gone is unknown."""
    use = rest.asks(COMMAND)
    callback = (await rest.ask("POST", CALLBACK + "?with_response=1", HI))[1]
    more = (await rest.ask("POST", HOOK, {**X, "flags": 64}))[1]
    edited = (await rest.ask("PATCH", HOOK + f"/messages/{more['id']}", {"content": "changed"}))[0]
    read = (await rest.ask("GET", HOOK + "/messages/@original"))[1]
    deleted = (await rest.ask("DELETE", HOOK + "/messages/@original"))[0]
    again, answer = await rest.ask("GET", HOOK + "/messages/@original")

    assert callback["interaction"]["response_message_id"] == callback["resource"]["message"]["id"] == read["id"]
    assert (edited, use.text, deleted, again, answer["code"]) == (200, "changed", 204, 404, 10008)


async def test_ephemeral_message_is_in_no_channel(rest: RestClient) -> None:
    """What only one person sees cannot be reached through the channel."""
    use = rest.asks(COMMAND)
    await rest.ask("POST", CALLBACK, {"type": 4, "data": {"content": "hi", "flags": 64}})
    status, _ = await rest.ask("PATCH", f"{SAY}/{use.messages[0].id}", X)

    assert (use.ephemeral, status) == (True, 404)


async def test_update_of_a_deleted_message(rest: RestClient) -> None:
    """A button of a message that somebody deleted meanwhile changes nothing, and nobody is to blame."""
    message = rest.server.post(rest.general, rest.server.bot, "panel", components=[row(button(id=1))])
    rest.asks(COMPONENT, message)
    rest.server.delete(message)
    status, answer = await rest.ask("POST", CALLBACK, {"type": 7, "data": X})

    assert (status, answer["code"], rest.server.violations) == (404, 10008, [])
