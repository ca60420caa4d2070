"""Puts the bot together from its settings, and runs it: the only file that knows every part."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from bot.assistant import ChatAssistant
from bot.commands import Commands, Keeping, Looking
from bot.commands.pending import VALID_FOR, Pending
from bot.config import Settings
from bot.conversation import Conversation
from bot.embedders.static import StaticEmbedder
from bot.embedders.table import TokenTable
from bot.embedders.words import WordVectors
from bot.errors import BotError, ProviderError, StoreError
from bot.lanes import Lanes
from bot.limits import RateLimit
from bot.memory.core import MemoryCore
from bot.memory.remembering import decide
from bot.protocols import Adapter, ChatModel, Clock, Embedder
from bot.reception import Reception
from bot.replies.answering import Answering
from bot.replies.prompt import Manner
from bot.replies.turns import RecentTurns
from bot.store.database import Database
from bot.store.inbox import KEPT, Inbox
from bot.store.ledger import Ledger
from bot.tasks import TaskRunner
from bot.types import Mode, Place, PlaceKind, Statement

log = logging.getLogger(__name__)

REINDEX_RETRY_S = 60.0
"""Pause between two tries to make missing vectors."""

EXPIRE_S = 600.0
"""Pause between two removals of finished inbox rows and of questions that got no yes."""


@dataclass(frozen=True, slots=True)
class App:
    """A bot that is put together and open."""

    settings: Settings
    database: Database
    embedder: Embedder
    model: ChatModel | None
    core: MemoryCore
    ledger: Ledger
    assistant: ChatAssistant
    commands: Commands

    def describe(self) -> list[str]:
        """Return, for whoever starts the bot, what is in use."""
        answers = f"{self.model.name} at {_host(self.settings.openai.base_url)}" if self.model else "from memory alone"
        space = self.embedder.space
        return [
            f"data: {self.database.folder.resolve()}",
            f"answers: {answers}" + ("" if self.model else " (no chat model is configured: set OPENAI_API_KEY)"),
            f"embedder: {space.model}, {space.dim} dimensions",
        ]


@asynccontextmanager
async def opened(settings: Settings, clock: Clock | None = None, *, upkeep: bool = False) -> AsyncIterator[App]:
    """Open a bot: data folder, embedder, model. Closed in reverse order.

    Args:
        clock: the current time; its time zone is that of words such as "yesterday". The setting's when not given.
        upkeep: make missing vectors, and remove what is over, in the background, as a bot that stays open should.

    Raises:
        ConfigError, StoreError: what is wrong, and what to do.
    """
    clock = clock or partial(datetime.now, settings.bot.timezone)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database.open(settings.bot.data, clock))
        table = TokenTable.load()
        embedder = _embedder(settings, table)
        stack.push_async_callback(embedder.close)
        model = _model(settings)
        if model is not None:
            stack.push_async_callback(model.close)
        ledger = Ledger(database)
        on = MemoryCore.on(database, embedder, settings.memory, WordVectors(table), ledger)
        core = await stack.enter_async_context(on)
        tasks = await stack.enter_async_context(TaskRunner(settings.limits.shutdown_s))
        app = _assembled(settings, database, embedder=embedder, model=model, core=core, ledger=ledger, tasks=tasks)
        if upkeep:
            tasks.start("make missing vectors", _keep_indexed(core), endless=True)
            tasks.start("expire what is over", _expire(core, Inbox(database), clock), endless=True)
            await asyncio.to_thread(_read_word_lists)
        yield app


def _assembled(
    settings: Settings,
    database: Database,
    *,
    embedder: Embedder,
    model: ChatModel | None,
    core: MemoryCore,
    ledger: Ledger,
    tasks: TaskRunner,
) -> App:
    clock = database.clock
    bot, limits = settings.bot, settings.limits
    manner = Manner(bot.name, bot.persona, bot.language, bot.timezone)
    inbox, pending = Inbox(database), Pending()
    turns = RecentTurns(settings.replies.recent_turns, timedelta(hours=settings.replies.recent_hours))
    keeping = Keeping(core, pending, turns, clock)
    commands = Commands(keeping, Looking(core, ledger, turns, bot.timezone, _processing(settings)))
    reception = Reception(inbox, core, RateLimit(inbox, limits, clock), limits.max_message_characters)
    answering = Answering(model, ledger, manner, settings.openai, limits) if model is not None else None
    conversation = Conversation(
        core=core,
        ledger=ledger,
        reception=reception,
        keeping=keeping,
        turns=turns,
        answering=answering,
        manner=manner,
        tasks=tasks,
        clock=clock,
    )
    assistant = ChatAssistant(
        core=core,
        inbox=inbox,
        reception=reception,
        lanes=Lanes(limits.queue_per_scope, limits.queue_total),
        commands=commands,
        pending=pending,
        conversation=conversation,
        turns=turns,
        clock=clock,
    )
    return App(settings, database, embedder, model, core, ledger, assistant, commands)


async def serve(app: App, adapters: Sequence[Adapter]) -> int:
    """Run adapters until they end, or the process is told to stop; return the exit code.

    One platform's failure is told on standard error and leaves the others running.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # not every platform's loop can
            loop.add_signal_handler(number, stopping.set)
    failures = await asyncio.gather(*(_run(adapter, app, stopping) for adapter in adapters))
    return max(failures, default=0)


async def _run(adapter: Adapter, app: App, stopping: asyncio.Event) -> int:
    def ready() -> None:
        print(f"ready: {adapter.platform}", file=sys.stderr, flush=True)  # noqa: T201 - what supervisors wait for

    try:
        await adapter.run(app.assistant, ready, stopping)
    except BotError as error:
        print(f"forgetmenot: {adapter.platform}: {error}", file=sys.stderr, flush=True)  # noqa: T201 - as above
        return error.exit_code
    return 0


def _embedder(settings: Settings, table: TokenTable) -> Embedder:
    if settings.chosen_embedder() == "static":
        return StaticEmbedder(table)
    from bot.openai_service.embedder import OpenAIEmbedder  # noqa: PLC0415 - 35 MB that the embedded one spares

    chosen = settings.embeddings
    return OpenAIEmbedder(
        api_key=settings.embedding_key.reveal(),
        base_url=settings.embedding_address or None,
        model=chosen.model or "text-embedding-3-small",
        dimensions=chosen.dimensions,
        proxy=chosen.proxy.reveal() or None,
        deadline_s=chosen.deadline_s,
    )


def _model(settings: Settings) -> ChatModel | None:
    chosen = settings.openai
    if not chosen.configured:
        return None
    from bot.openai_service.chat import OpenAIChat  # noqa: PLC0415 - 35 MB that a bot without a model spares

    return OpenAIChat(
        api_key=chosen.api_key.reveal() or None,
        base_url=chosen.base_url or None,
        model=chosen.model,
        proxy=chosen.proxy.reveal() or None,
        deadline_s=chosen.deadline_s,
        idle_s=chosen.idle_s,
        connect_s=chosen.connect_s,
        max_retries=chosen.max_retries,
    )


def _processing(settings: Settings) -> list[str]:
    """Who processes what people write, as /privacy says it."""
    lines = []
    if settings.openai.configured:
        host = _host(settings.openai.base_url)
        lines.append(f"To answer, your message and what I recall for it go to {settings.openai.model} at {host}.")
        if host == _host(""):
            lines.append("OpenAI does not train on it, and keeps it for up to 30 days to look into abuse.")
    if settings.chosen_embedder() == "openai":
        lines.append(f"What I search and keep is turned into numbers at {_host(settings.embedding_address)}.")
    return lines or ["Nothing you write leaves the machine I run on."]


def _read_word_lists() -> None:
    """Judge something once: the lists take 0.3 s to read, which the first message would wait for."""
    decide(Statement("My name is nobody.", Place(PlaceKind.DM, "nowhere")), Mode.AUTO)


def _host(address: str) -> str:
    """Only the host: an address may hold a password."""
    return urlsplit(address).hostname or "api.openai.com"


async def _keep_indexed(core: MemoryCore) -> None:
    """Make missing vectors, now and whenever some turn up."""
    while True:
        try:
            if made := await core.reindex():
                log.info("made %d missing vectors", made)
        except ProviderError as error:
            log.warning("vectors wait to be made: %s", error)
        await asyncio.sleep(REINDEX_RETRY_S)


async def _expire(core: MemoryCore, inbox: Inbox, clock: Clock) -> None:
    while True:
        try:
            await inbox.prune(clock() - KEPT)
            await core.expire_proposals(clock() - VALID_FOR)
        except StoreError as error:
            log.warning("what is over stays for now: %s", error)
        await asyncio.sleep(EXPIRE_S)
