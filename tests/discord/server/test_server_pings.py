"""The local Discord server sees whom a message pings."""

from __future__ import annotations

import pytest

from tests.discord.server.rest_client import SAY, RestClient, X, embed, texts

PINGS: list[tuple[object, list[str]]] = [
    (None, ["@everyone", "@here", "<@&5>", "<@6>"]),
    ({}, []),
    ({"parse": []}, []),
    ({"parse": ["everyone"]}, ["@everyone", "@here"]),
    ({"parse": ["roles"], "users": ["6", "9"]}, ["<@&5>", "<@6>"]),
    ({"parse": [], "roles": ["5"]}, ["<@&5>"]),
]


@pytest.mark.parametrize(("allowed", "pinged"), PINGS, ids=str)
@pytest.mark.parametrize("edit", [False, True], ids=["sent", "edited"])
async def test_pings_are_seen(rest: RestClient, allowed: object, pinged: list[str], edit: bool) -> None:
    """Who is notified is what the text names and the request allows; without a word of it everybody is."""
    body = {
        "content": "@everyone @here <@&5> <@!6> everyone <#7>",
        **({} if allowed is None else {"allowed_mentions": allowed}),
    }
    path = SAY + ("/{own}" if edit else "")
    await rest.ask("PATCH" if edit else "POST", path, body)

    assert [ping.what for ping in rest.server.pings] == pinged


async def test_pings_of_shown_texts_are_seen(rest: RestClient) -> None:
    """A text of components v2 pings as content does; an embed does not."""
    await rest.ask("POST", SAY, texts("hello @everyone"))
    await rest.ask("POST", SAY, embed(description="hello @here"))

    assert [ping.what for ping in rest.server.pings] == ["@everyone"]


@pytest.mark.parametrize(
    ("allowed", "count"), [(None, 1), ({"parse": []}, 0), ({"parse": [], "replied_user": True}, 1)]
)
async def test_pings_of_replies_are_apart(rest: RestClient, allowed: object, count: int) -> None:
    """A reply pings its author unless the request says otherwise."""
    reference = {"message_reference": {"message_id": str(rest.names["anns"])}}
    await rest.ask("POST", SAY, {**X, **reference, **({} if allowed is None else {"allowed_mentions": allowed})})

    assert (rest.server.pings, len(rest.server.reply_pings)) == ([], count)
