"""What can be made to go wrong on the local Discord server: rate limits, errors, lost answers."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests.discord.server.rest_client import SAY, RestClient, X
from tests.servers.discord import faults


async def test_bucket_of_a_channel_is_five(rest: RestClient) -> None:
    """With the limit on, the sixth message of a channel has to wait; headers and body say how long."""
    rest.server.rate_limited = True
    for _ in range(5):
        assert (await rest.ask("POST", SAY, X))[0] == 200
    headers = {"Authorization": f"Bot {rest.server.token}"}
    url = rest.server.api_base + SAY.format_map(rest.names)
    async with rest.http.post(url, json=X, headers=headers) as response:
        answer = await response.json()
    elsewhere, _ = await rest.ask("POST", "/channels/{dm}/messages", X)

    assert response.status == 429
    assert response.headers["Content-Type"] == "application/json"
    assert {"Via", "Retry-After", "X-RateLimit-Scope", "X-RateLimit-Bucket"} <= set(response.headers)
    assert response.headers["X-RateLimit-Remaining"] == "0"
    assert 0 < answer["retry_after"] <= 5
    assert (elsewhere, len(rest.server.rate_limit_hits)) == (200, 1)


async def test_script_answers_in_turn(rest: RestClient) -> None:
    """Scripted answers come in their order and to their path only; then the server answers properly again."""
    script = [
        faults.status(502),
        faults.forbidden(),
        faults.rate_limited(0.5, "global"),
        faults.usual(),
        faults.banned(),
    ]
    rest.server.will("POST", "/channels/*/messages", *script)
    untouched, _ = await rest.ask("GET", "/users/@me")
    statuses = [(await rest.ask("POST", SAY, X))[0] for _ in range(6)]

    assert (untouched, statuses) == (200, [502, 403, 429, 200, 429, 200])
    assert [message.content for message in rest.server.said(rest.general)] == ["mine", "x", "x"]
    assert rest.server.violations == []


async def test_lost_answer_was_carried_out(rest: RestClient) -> None:
    """A lost answer leaves its message behind, a lost request does not; the nonce brings the first one back."""
    rest.server.will("POST", "/channels/**", faults.lose_request(), faults.lose_answer())
    for _ in range(2):
        with pytest.raises(aiohttp.ClientError):
            await rest.ask("POST", SAY, {**X, "nonce": "n", "enforce_nonce": True})
    lost = rest.server.said(rest.general)[1:]
    _, again = await rest.ask("POST", SAY, {**X, "nonce": "n", "enforce_nonce": True})

    assert [str(message.id) for message in lost] == [again["id"]]


async def test_hanging_answer_ends_with_the_client(rest: RestClient) -> None:
    """A request that hangs is recorded, and has no status."""
    rest.server.will("GET", "/users/@me", faults.hang())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(rest.ask("GET", "/users/@me"), 0.05)

    assert [(one.path, one.status) for one in rest.server.requests] == [("/users/@me", None)]


async def test_slow_answer_is_proper(rest: RestClient) -> None:
    """A slow answer comes late, and is the usual one."""
    rest.server.will("GET", "/users/@me", faults.slow(0.05))
    status, answer = await rest.ask("GET", "/users/@me")

    assert (status, answer["id"]) == (200, str(rest.server.bot.id))
