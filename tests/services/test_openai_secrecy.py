"""Nothing that people say, nothing that the model says and no key reaches a log, whatever its level."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import pytest

from bot.errors import CompletionError, EmbeddingError
from bot.openai_service.chat import OpenAIChat
from bot.openai_service.client import FOREIGN_LOGGERS
from bot.openai_service.embedder import OpenAIEmbedder
from bot.protocols import ChatMessage
from tests.conformance.chat_model import text_of
from tests.servers.openai_server import OpenAIServer, cut, error_event, raw, reply, stall, status

PROMPT, ANSWER, KEY, PASSWORD = "prompt-4711", "answer-4712", "sk-4713", "pass-4714"
SECRETS = (PROMPT, ANSWER, KEY, PASSWORD)
MESSAGES = (ChatMessage("user", PROMPT),)


def leaks(records: list[logging.LogRecord]) -> set[str]:
    """Return the names of the loggers that told a secret, in the text or in what a formatter could print."""
    formatter = logging.Formatter()
    return {
        record.name
        for record in records
        if any(secret in f"{formatter.format(record)} {record.args!r}" for secret in SECRETS)
    }


@pytest.fixture(autouse=True)
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Log from DEBUG on, foreign loggers included until a client quiets them; afterwards restore their levels."""
    caplog.set_level(logging.DEBUG)
    loggers = [logging.getLogger(name) for name in FOREIGN_LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as server:
        yield server


def guarded(server: OpenAIServer) -> str:
    """Return the server's address with a password in it, as gateways are sometimes configured."""
    return server.base_url.replace("http://", f"http://someone:{PASSWORD}@")


async def converse(server: OpenAIServer, base_url: str) -> None:
    """Let chat and embeddings succeed and fail in ways that quote the prompt, the answer and the key."""
    chat = OpenAIChat(api_key=KEY, base_url=base_url, model="local", deadline_s=0.2, idle_s=0.1)
    embedder = OpenAIEmbedder(api_key=KEY, base_url=base_url, deadline_s=0.2)
    server.will(reply(ANSWER))
    await text_of(chat.stream(MESSAGES, 50))
    server.will(reply(ANSWER))
    async with aclosing(aiter(chat.stream(MESSAGES, 50))) as pieces:
        await anext(pieces)
    for fault in (status(400, None, PROMPT), raw(PROMPT), error_event("x", ANSWER, message=PROMPT), cut(ANSWER)):
        server.will(fault)
        with pytest.raises(CompletionError):
            await text_of(chat.stream(MESSAGES, 50))
    for fault in (status(401, None, KEY), raw(f'{{"data": ["{PROMPT}'), stall()):
        server.will(fault)
        with pytest.raises(EmbeddingError):
            await embedder.embed([PROMPT])
    await embedder.close()
    await chat.close()


async def test_nothing_said_reaches_a_log(server: OpenAIServer, caplog: pytest.LogCaptureFixture) -> None:
    """With the root logger at DEBUG, good and failing calls leave no secret in any record."""
    await converse(server, guarded(server))

    assert len(server.requests) == 9
    assert leaks(caplog.records) == set()


async def test_unquieted_libraries_do_leak(
    server: OpenAIServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same check catches the libraries' own logging once nothing quiets it."""
    monkeypatch.setattr("bot.openai_service.client.quiet_foreign_loggers", lambda: None)  # the mutant

    await converse(server, guarded(server))

    assert leaks(caplog.records) == {"httpx2"}


@pytest.mark.parametrize("secret", SECRETS)
def test_a_leak_of_each_secret_is_seen(caplog: pytest.LogCaptureFixture, secret: str) -> None:
    """The check finds each secret, in a text and in the traceback of an exception."""
    logging.getLogger("careless").debug("sent %s", {"content": secret})
    try:
        raise ValueError(secret)
    except ValueError:
        logging.getLogger("careless.still").exception("failed")

    assert leaks(caplog.records) == {"careless", "careless.still"}


async def test_traceback_of_an_error_can_be_logged(server: OpenAIServer, caplog: pytest.LogCaptureFixture) -> None:
    """An error carries no foreign exception that would print what the service wrote."""
    chat = OpenAIChat(api_key=KEY, base_url=server.base_url, model="local", deadline_s=1)
    server.will(status(400, None, f"{PROMPT} {KEY}"))

    try:
        await text_of(chat.stream(MESSAGES, 50))
    except CompletionError:
        logging.getLogger("bot").exception("no answer")
    await chat.close()

    assert "no answer" in caplog.text
    assert leaks(caplog.records) == set()


def test_library_is_loaded_with_the_first_client_only() -> None:
    """Importing this folder costs neither the 35 MB nor the half second of the library."""
    code = "import sys, bot.openai_service.chat, bot.openai_service.embedder; print('openai' in sys.modules)"

    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)  # noqa: S603 - fixed text

    assert done.stdout.strip() == "False"
