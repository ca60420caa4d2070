"""A chat model that fails in every way: one honest line for the person, who is remembered all the same."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import time
from collections.abc import Iterator
from contextlib import aclosing

import pytest

from bot.events import ReplyText
from bot.openai_service.client import FOREIGN_LOGGERS
from bot.protocols import Usage
from tests.assistant.talking import ANN, KEY, House, Talk
from tests.conftest import CANARY
from tests.servers.openai_server import (
    Behaviour,
    OpenAIServer,
    chunk,
    cut,
    drip,
    error_event,
    event_stream,
    raw,
    reply,
    stall,
    status,
    too_long,
    web_page,
)

DEADLINE_S = 0.4
REFUSAL = event_stream(chunk({"refusal": f"I can't help with {CANARY}."}), chunk({}, "stop"), "[DONE]")
FILTERED = event_stream(chunk({"content": "Well"}), chunk({}, "content_filter"), "[DONE]")

FAULTS: dict[str, tuple[Behaviour, str]] = {
    "429": (status(429, "rate_limit_exceeded", CANARY), "busy right now"),
    "429 with Retry-After": (status(429, "rate_limit_exceeded", CANARY, retry_after=60), "busy right now"),
    "quota": (status(429, "insufficient_quota", CANARY), "no credit left"),
    "500": (status(500, None, CANARY), "busy right now"),
    "503": (status(503, None, CANARY), "busy right now"),
    "401": (status(401, "invalid_api_key", f"Incorrect API key provided: {KEY}"), "not set up correctly"),
    "404": (status(404, "model_not_found", CANARY), "not set up correctly"),
    "cut before headers": (cut(), "busy right now"),
    "half stream": (cut("Half an answer"), "broke off"),
    "stall before the first token": (stall(), "took too long"),
    "stall after the first token": (stall("Half an answer"), "took too long"),
    "drip": (drip(0.05), "took too long"),
    "a page with 200": (web_page(), "garbled"),
    "truncated JSON": (raw(f'data: {{"choices": [{{"{CANARY}', content_type="text/event-stream"), "garbled"),
    "content filter": (status(400, "content_filter", CANARY), "declined"),
    "filtered midway": (FILTERED, "declined"),
    "refusal": (REFUSAL, "declined"),
    "error event": (error_event("server_error", message=CANARY), "busy right now"),
    "error event midway": (error_event("server_error", "Half an answer", message=CANARY), "broke off"),
}


@pytest.fixture
def home(tmp_path: object, home: House) -> House:
    """A bot that loses patience with its model soon."""
    return home.changed(openai={"deadline_s": DEADLINE_S, "idle_s": DEADLINE_S / 2})


@pytest.fixture
def loud_libraries(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Let foreign loggers begin at DEBUG, and restore them: what quiets them must be the bot."""
    loggers = [logging.getLogger(name) for name in FOREIGN_LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.mark.parametrize("fault", FAULTS)
async def test_fault_is_one_honest_line(home: House, server: OpenAIServer, fault: str, loud_libraries: None) -> None:
    """Within the deadline the person is told what is wrong with a reference, and nothing that the service wrote.

    The message is remembered, no tokens stay reserved, the next message is answered. The fixture for every test
    checks that no log record holds the canary: it stands in the message, the service's words and the key.
    """
    behaviour, said = FAULTS[fault]
    async with home.opened() as talk:
        await talk.meet()
        server.will(behaviour)
        begun = time.monotonic()
        heard = await talk.say(f"My cat is called {CANARY}.")
        took_s = time.monotonic() - begun
        after = await talk.say("Hello!")
        kept = await talk.texts()
        _, reserved = await _usage(talk)

    assert said in heard.text
    assert re.search(r"\(ref [0-9a-f]{6}\)$", heard.text)
    assert CANARY not in heard.text
    assert heard.end.failed
    assert took_s < DEADLINE_S + 0.6
    assert kept == [f"My cat is called {CANARY}."]
    assert after.text.startswith("You said")
    assert not after.end.failed
    assert reserved == 0
    assert len(server.requests) == 2


async def test_nobody_listens(home: House) -> None:
    """A service that cannot be reached makes one honest line, and costs nothing."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens: connections are refused
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        async with home.changed(openai={"base_url": address}).opened() as talk:
            await talk.meet()
            heard = await talk.say("My cat is called Minka.")
            kept, used = await talk.texts(), await _usage(talk)

    assert "busy right now" in heard.text
    assert heard.end.failed
    assert kept == ["My cat is called Minka."]
    assert used == (Usage(0, 0), 0)


async def test_what_arrived_is_shown(home: House, server: OpenAIServer) -> None:
    """Of an answer that broke off, what came stays, the honest line follows, and no turn is made of it."""
    async with home.opened() as talk:
        await talk.meet()
        server.will(cut("Half an answer"))
        heard = await talk.say("Hello!")
        await talk.say("Hello again!")

    assert heard.text.startswith("Half an answer\n\nThe answer broke off here.")
    assert "Half an answer" not in str(server.requests[-1])


async def test_busy_service_is_tried_again(home: House, server: OpenAIServer) -> None:
    """A pause that the service names is kept, and the second try answers: nobody notices."""
    async with home.changed(openai={"max_retries": 2}).opened() as talk:
        await talk.meet()
        server.will(status(429, "rate_limit_exceeded", retry_after=0.05), status(503, retry_after=0.05))
        heard = await talk.say("Hello!")

    assert heard.text.startswith("You said")
    assert len(server.requests) == 3


async def test_prompt_too_long_is_tried_once_more_and_shorter(home: House, server: OpenAIServer) -> None:
    """When the prompt is too long for the model, one second try with about half of it answers."""
    async with home.opened() as talk:
        await talk.meet()
        for number in range(8):
            await talk.say(f"Is it {number} o'clock? " + "Tick tock! " * 60)
        before = len(server.requests)
        server.will(too_long())
        heard = await talk.say("Hello!")

    first, second = (sum(len(m["content"]) for m in request["messages"]) for request in server.requests[before:])
    assert second < first * 0.6
    assert heard.text.startswith("You said")
    assert not heard.end.failed


async def test_prompt_that_stays_too_long(home: House, server: OpenAIServer) -> None:
    """After two tries the person is told; there is no third, and nothing was spent."""
    async with home.opened() as talk:
        await talk.meet()
        server.will(too_long(), too_long(), too_long())
        heard = await talk.say("Hello!")
        used = await _usage(talk)

    assert "too long for the model, even shortened" in heard.text
    assert heard.end.failed
    assert len(server.requests) == 2
    assert used == (Usage(0, 0), 0)


async def test_faults_name_no_memories(home: House, server: OpenAIServer) -> None:
    """An apology was built from nothing, so neither its end nor /why names memories."""
    async with home.opened() as talk:
        await talk.meet()
        await talk.say("My cat is called Minka.")
        server.will(status(500))
        heard = await talk.say("What is my cat called?")
        why = await talk.say("/why")

    assert heard.end.used == ()
    assert "Minka" not in why.text


async def test_cut_off_reply_is_settled(home: House, server: OpenAIServer) -> None:
    """An adapter that closes a reply midway ends the request, pays for what came, and the message is remembered."""
    async with home.opened() as talk:
        await talk.meet()
        server.will(stall("Half an answer"))
        async with aclosing(talk.app.assistant.handle(talk.message("My cat is called Minka."))) as parts:
            first = await anext(parts)
        async with asyncio.timeout(5):
            await server.hung_up.wait()
        used, reserved = await _usage(talk)
    async with home.opened() as talk:
        kept = await talk.texts()

    assert first == ReplyText("Half an answer")
    assert used.completion_tokens > 0
    assert reserved == 0
    assert kept == ["My cat is called Minka."]


async def test_usage_is_what_the_service_counted(home: House, server: OpenAIServer) -> None:
    """After an answer, the service's own count is booked, and nothing stays reserved."""
    async with home.opened() as talk:
        await talk.meet()
        server.will(reply("One two three"))
        await talk.say("Hello!")
        used, reserved = await _usage(talk)

    prompt = "\n".join(message["content"] for message in server.requests[0]["messages"])
    assert used == Usage(len(prompt.split()), 3)
    assert reserved == 0


async def test_a_careless_line_would_be_found(home: House, caplog: pytest.LogCaptureFixture) -> None:
    """Control: a record with an apology's cause in it would hold the canary, and the check for every test sees it."""
    logging.getLogger("bot.careless").debug("failed: %s", {"body": CANARY})
    careless = [record for record in caplog.get_records("call") if CANARY in record.getMessage()]
    caplog.clear()

    assert len(careless) == 1


async def _usage(talk: Talk) -> tuple[Usage, int]:
    return await talk.app.ledger.usage(ANN.platform, ANN.guild_id, talk.clock().date())
