"""What the bot adds to a reply: from the message to the first word, without what the model and the network take.

The model is tests/servers/openai_server.py in a process of its own, which answers at once. The same request without the
bot is made through a bare HTTP client by turns with it.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import count, islice
from pathlib import Path

import aiohttp

from bench.measuring import REPOSITORY, Figure, Page, percentile
from bench.people import ROOM, Sizes, fill, person
from bench.sentences import questions, statements
from bot.app import App, opened
from bot.config import BotSettings, LimitsSettings, OpenAISettings, Secret, Settings
from bot.events import IncomingMessage, ReplyText
from bot.memory.core import utc_now
from bot.protocols import ChatMessage, ChatModel
from bot.replies.prompt import Ingredients, Manner, build_prompt
from bot.replies.turns import Turn
from bot.types import Author

_BAR_MS = 15.0
_WARM_UP = 10
_NO_LIMITS = LimitsSettings(
    messages_per_minute_per_person=10**9, messages_per_minute_per_guild=10**9, tokens_per_day_per_guild=10**9
)


async def replying(folder: Path, sizes: Sizes) -> list[Figure]:
    """Measure replies to one person with the usual number of memories, through a model and from memory alone."""
    with_model, offline = folder / "model", folder / "offline"
    await fill(with_model, person(), sizes.usual)
    await fill(offline, person(), sizes.usual)
    async with _server() as base_url:
        openai = OpenAISettings(api_key=Secret("sk-benchmark"), base_url=base_url, model="local")
        figures = await _through_model(_settings(with_model, openai), base_url, sizes.messages)
    return figures + await _from_memory(_settings(offline, OpenAISettings()), sizes.messages)


def _settings(folder: Path, openai: OpenAISettings) -> Settings:
    return Settings(bot=BotSettings(data=folder), openai=openai, limits=_NO_LIMITS)


@asynccontextmanager
async def _server() -> AsyncIterator[str]:
    """Run the model's server in a process of its own and give its address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.servers.openai_server", "--port", "0"),
        stdout=asyncio.subprocess.PIPE,
        cwd=REPOSITORY,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            base_url = (await process.stdout.readline()).decode().strip()
        yield base_url
    finally:
        process.terminate()
        await process.wait()


async def _through_model(settings: Settings, base_url: str, times: int) -> list[Figure]:
    whole: list[float] = []
    bare: list[float] = []
    client: list[float] = []
    page = Page(settings.bot.data)
    pages: list[float] = []
    turns: deque[Turn] = deque(maxlen=settings.replies.recent_turns)
    async with opened(settings) as app, aiohttp.ClientSession() as session:
        assert app.model is not None
        for message in islice(_messages(), _WARM_UP + times):
            prompt = await _prompt(app, message, turns)
            first_word_ms, answer = await _replied(app, message)
            turns.append(Turn(message.text, answer, message.sent_at, message.source_id))
            whole.append(first_word_ms)
            bare.append(await _bare_ms(session, base_url, prompt))
            client.append(await _client_ms(app.model, prompt))
            pages.append(page.append().wall_ms)
    model_ms, fsync = statistics.median(bare[_WARM_UP:]), statistics.median(pages)
    added = [spent - model_ms for spent in whole[_WARM_UP:]]
    client_ms = statistics.median(client[_WARM_UP:]) - model_ms
    note = f"of which the openai client {client_ms:.1f}; the model itself {model_ms:.1f}"
    return [
        _figure("reply: added by the bot, median", statistics.median(added), fsync, note),
        _figure("reply: added by the bot, p99", percentile(added, 0.99), percentile(pages, 0.99), f"of {times}"),
    ]


async def _from_memory(settings: Settings, times: int) -> list[Figure]:
    page = Page(settings.bot.data)
    pages: list[float] = []
    whole: list[float] = []
    async with opened(settings) as app:
        for message in islice(_messages(), _WARM_UP + times):
            whole.append((await _replied(app, message))[0])
            pages.append(page.append().wall_ms)
    whole, fsync = whole[_WARM_UP:], statistics.median(pages)
    note = "the answer says what was kept, so it waits for it"
    return [
        _figure("reply without a model, median", statistics.median(whole), fsync, note),
        _figure("reply without a model, p99", percentile(whole, 0.99), percentile(pages, 0.99), f"of {times}"),
    ]


def _figure(name: str, value: float, fsync: float, note: str) -> Figure:
    bar = _BAR_MS if name.endswith("p99") else None
    return Figure(name, value, "ms", bar, limit=fsync, limit_name="fsync", note=note)


def _messages() -> Iterator[IncomingMessage]:
    """Statements and questions by turns, as one person sends them."""
    told, asked, author = statements(7), questions(7), Author("person-0", "Robin")
    for number in count():
        text = next(told) if number % 2 else next(asked)
        yield IncomingMessage(f"key-{number}", person(), ROOM, author, text, f"message-{number}", utc_now())


async def _replied(app: App, message: IncomingMessage) -> tuple[float, str]:
    """Time until the first word of the answer, and the answer, taken to its end."""
    first_ms, answer = 0.0, ""
    started = time.perf_counter()
    async for part in app.assistant.handle(message):
        if isinstance(part, ReplyText):
            first_ms = first_ms or 1000 * (time.perf_counter() - started)
            answer += part.text
    assert first_ms
    return first_ms, answer


async def _prompt(app: App, message: IncomingMessage, turns: Iterable[Turn]) -> Sequence[ChatMessage]:
    """What the bot is about to send for a message."""
    bot = app.settings.bot
    manner = Manner(bot.name, bot.persona, bot.language, bot.timezone)
    hits = (await app.core.recall(message.scope, message.text, place=message.place)).hits
    given = Ingredients(message.text, message.author.name, hits, tuple(turns), utc_now())
    return build_prompt(manner, given, app.settings.openai.context_tokens)[0]


async def _bare_ms(session: aiohttp.ClientSession, base_url: str, prompt: Sequence[ChatMessage]) -> float:
    """Time until the first word of the same answer without the bot."""
    body = {
        "model": "local",
        "messages": [{"role": one.role, "content": one.content} for one in prompt],
        "stream": True,
        "stream_options": {"include_usage": True},
        "store": False,
    }
    headers = {"Authorization": "Bearer sk-benchmark"}
    first_ms = 0.0
    started = time.perf_counter()
    async with session.post(f"{base_url}/chat/completions", json=body, headers=headers) as response:
        async for line in response.content:
            if not first_ms and _holds_a_word(line):
                first_ms = 1000 * (time.perf_counter() - started)
    assert first_ms
    return first_ms


def _holds_a_word(line: bytes) -> bool:
    if not line.startswith(b"data: {"):
        return False
    choices = json.loads(line.removeprefix(b"data: "))["choices"]
    return bool(choices and choices[0]["delta"].get("content"))


async def _client_ms(model: ChatModel, prompt: Sequence[ChatMessage]) -> float:
    """Time until the first word through the bot's own client of the model."""
    first_ms = 0.0
    started = time.perf_counter()
    async for _ in model.stream(prompt, 800):
        first_ms = first_ms or 1000 * (time.perf_counter() - started)
    return first_ms
