"""Messages that the local Discord server takes and refuses."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.discord.server.rest_client import SAY, RestClient, button, embed, row, select, texts
from tests.servers.discord.rules import COMPONENTS_V2 as V2

MESSAGES: Mapping[str, tuple[dict[str, object], int]] = {
    "empty": ({}, 50006),
    "only spaces": ({"content": " \n "}, 50006),
    "2,001 characters": ({"content": "x" * 2001}, 50035),
    "long nonce": ({"content": "x", "nonce": "1" * 26}, 50035),
    "11 embeds": ({"embeds": [{"title": "t"}] * 11}, 50035),
    "embed title": (embed(title="x" * 257), 50035),
    "embed description": (embed(description="x" * 4097), 50035),
    "26 fields": (embed(fields=[{"name": "n", "value": "v"}] * 26), 50035),
    "field name": (embed(fields=[{"name": "x" * 257, "value": "v"}]), 50035),
    "field without value": (embed(fields=[{"name": "n", "value": ""}]), 50035),
    "embed footer": (embed(footer={"text": "x" * 2049}), 50035),
    "embeds of 6,001 characters": ({"embeds": [{"description": "x" * 3000}, {"description": "x" * 3001}]}, 50035),
    "6 rows": ({"components": [row(button(str(n))) for n in range(6)]}, 50035),
    "6 buttons": ({"components": [row(*(button(str(n)) for n in range(6)))]}, 50035),
    "empty row": ({"components": [row()]}, 50035),
    "button beside select": ({"components": [row(button(), select())]}, 50035),
    "button outside a row": ({"components": [button()]}, 50035),
    "no custom_id": ({"components": [row(button(None))]}, 50035),
    "long custom_id": ({"components": [row(button("x" * 101))]}, 50035),
    "custom_id twice": ({"components": [row(button(), button())]}, 50035),
    "long label": ({"components": [row(button(label="x" * 81))]}, 50035),
    "no label": ({"components": [row(button(label=""))]}, 50035),
    "link with custom_id": ({"components": [row(button(style=5, url="https://a"))]}, 50035),
    "link without url": ({"components": [row(button(None, style=5))]}, 50035),
    "26 options": ({"components": [row(select(26))]}, 50035),
    "no options": ({"components": [row(select(0))]}, 50035),
    "option twice": ({"components": [row(select(options=[{"label": "o", "value": "o"}] * 2))]}, 50035),
    "long placeholder": ({"components": [row(select(placeholder="x" * 151))]}, 50035),
    "text display without v2": ({"components": [{"type": 10, "content": "x"}]}, 50035),
    "content beside v2": ({**texts("a"), "content": "x"}, 50035),
    "embeds beside v2": ({**texts("a"), **embed(title="t")}, 50035),
    "41 components": (texts(*"x" * 41), 50035),
    "4,001 characters shown": (texts("x" * 2000, "x" * 2001), 50035),
    "container in a container": (
        {"flags": V2, "components": [{"type": 17, "components": [{"type": 17, "components": [texts("a")]}]}]},
        50035,
    ),
    "unknown reply": ({"content": "x", "message_reference": {"message_id": "1"}}, 50035),
    "mentions both ways": ({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, 50035),
}


@pytest.mark.parametrize("case", MESSAGES)
async def test_message_is_refused(rest: RestClient, case: str) -> None:
    """What Discord takes in no message, it does not take here."""
    body, code = MESSAGES[case]
    status, answer = await rest.ask("POST", SAY, body)

    assert (status, answer["code"]) == (400, code)
    assert len(rest.server.violations) == 1
    assert ("errors" in answer) == (code == 50035)
    assert [message.content for message in rest.server.said(rest.general)] == ["mine"]


@pytest.mark.parametrize(
    "body",
    [
        {"content": "x" * 2000, "nonce": "1" * 25},
        {"content": "x", "nonce": 2**60},
        {"embeds": [{"description": "x" * 3000}, {"description": "x" * 3000}]},
        {"components": [row(*(button(f"{r}{n}", label="x" * 80) for n in range(5))) for r in range(5)]},
        {"components": [row(select(25)), row(button(None, style=5, url="https://a"))]},
        texts(*"x" * 40),
        {"flags": V2, "components": [{"type": 17, "components": [row(button()), {"type": 14}]}]},
        {"flags": V2, "components": [{"type": 9, "components": [{"type": 10, "content": "x"}], "accessory": button()}]},
        {"content": "x", "message_reference": {"message_id": "1", "fail_if_not_exists": False}},
    ],
    ids=str,
)
async def test_message_at_the_limit_is_taken(rest: RestClient, body: dict[str, object]) -> None:
    """What just fits is sent."""
    status, _ = await rest.ask("POST", SAY, body)

    assert status == 200
    assert rest.server.violations == []
