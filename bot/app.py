"""Puts the bot together from its settings, and runs it: the only file that knows every part."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from bot.assistant import ChatAssistant
from bot.calling import Calling
from bot.commands import Choosing, Commands, Governing, Keeping, Looking
from bot.commands.pending import Pending
from bot.commands.reasons import Reasons
from bot.config import Settings
from bot.conversation import Conversation
from bot.embedders.static import StaticEmbedder
from bot.embedders.table import TokenTable
from bot.embedders.words import WordVectors
from bot.errors import BotError, mistake
from bot.health import SignOfLife
from bot.lanes import Lanes
from bot.learning import Learning
from bot.limits import RateLimit
from bot.memory.core import MemoryCore
from bot.memory.remembering import decide
from bot.panel import Panel
from bot.policies import Policies
from bot.protocols import Adapter, ChatModel, Clock, Embedder
from bot.reception import Reception
from bot.replies.answering import Answering
from bot.replies.prompt import Manner
from bot.replies.turns import RecentTurns
from bot.store.database import Database
from bot.store.inbox import Inbox
from bot.store.ledger import Ledger
from bot.store.notes import Notes
from bot.tasks import TaskRunner
from bot.types import Mode, Place, PlaceKind, Statement
from bot.upkeep import Expiry, keep_indexed


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
    policies: Policies
    panel: Panel

    def notes(self, subject: str) -> Notes:
        """Return what an adapter keeps over restarts, under its own subject."""
        return Notes(self.ledger, subject)

    def expiry(self) -> Expiry:
        """Return what removes what is over."""
        return Expiry(
            self.core,
            inbox=Inbox(self.database),
            ledger=self.ledger,
            policies=self.policies,
            purge=self.assistant.purge,
            clock=self.database.clock,
        )

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
        on = MemoryCore.on(
            database,
            embedder,
            settings=settings.memory,
            limits=settings.platform_limits,
            words=WordVectors(table),
            ledger=ledger,
        )
        core = await stack.enter_async_context(on)
        tasks = await stack.enter_async_context(TaskRunner(settings.limits.shutdown_s))
        app = _assembled(_Ground(settings, database, embedder, model, core, ledger, tasks))
        if upkeep:
            tasks.start("make missing vectors", keep_indexed(core), endless=True)
            tasks.start("expire what is over", app.expiry().run(), endless=True)
            await asyncio.to_thread(_read_word_lists)
        yield app


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the parts of a bot stand on."""

    settings: Settings
    database: Database
    embedder: Embedder
    model: ChatModel | None
    core: MemoryCore
    ledger: Ledger
    tasks: TaskRunner


def _assembled(on: _Ground) -> App:
    core, ledger, clock = on.core, on.ledger, on.database.clock
    bot, limits, openai = on.settings.bot, on.settings.limits, on.settings.openai
    manner = Manner(bot.name, bot.persona, bot.language, bot.timezone)
    inbox, pending = Inbox(on.database), Pending()
    turns = RecentTurns(on.settings.replies.recent_turns, timedelta(hours=on.settings.replies.recent_hours))
    policies = Policies(ledger, openai, on.settings.memory, limits, on.settings.platform_limits)
    keeping = Keeping(core, pending, turns, clock)
    commands = _commands(on, keeping, turns, policies)
    reception = Reception(inbox, core, RateLimit(inbox, limits, clock), limits.max_message_characters, clock)
    learning = Learning(core, reception, on.tasks)
    conversation = Conversation(
        core=core,
        ledger=ledger,
        reception=reception,
        keeping=keeping,
        learning=learning,
        turns=turns,
        answering=Answering(on.model, ledger, manner, openai, limits) if on.model is not None else None,
        manner=manner,
        clock=clock,
    )
    assistant = ChatAssistant(
        core=core,
        ledger=ledger,
        policies=policies,
        inbox=inbox,
        reception=reception,
        lanes=Lanes(limits.queue_per_scope, limits.queue_total),
        edit_lanes=Lanes(limits.queue_per_scope, limits.queue_total),
        calling=Calling(commands, pending, reception),
        conversation=conversation,
        learning=learning,
        turns=turns,
        clock=clock,
    )
    reasons = Reasons(core, bot.timezone)
    panel = Panel(core, ledger, turns, name=bot.name, reasons=reasons, processing=_processing(on.settings), clock=clock)
    return App(on.settings, on.database, on.embedder, on.model, core, ledger, assistant, commands, policies, panel)


def _commands(on: _Ground, keeping: Keeping, turns: RecentTurns, policies: Policies) -> Commands:
    return Commands(
        keeping,
        Looking(on.core, on.ledger, turns, Reasons(on.core, on.settings.bot.timezone)),
        Choosing(on.core, policies, turns, _processing(on.settings)),
        Governing(policies, on.ledger, on.database, on.settings.openai, on.database.clock),
    )


async def serve(app: App, adapters: Sequence[Adapter]) -> int:
    """Run adapters until they end, or the process is told to stop; return the exit code.

    One platform's failure is told on standard error and leaves the others running.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # not every platform's loop can
            loop.add_signal_handler(number, stopping.set)
    sign = SignOfLife(app.database.folder, adapters)
    async with TaskRunner(app.settings.limits.shutdown_s) as tasks:
        tasks.start("sign of life", sign.keep())
        try:
            failures = await asyncio.gather(*(_run(adapter, app, stopping, sign) for adapter in adapters))
        finally:
            sign.end()
    return max(failures, default=0)


async def _run(adapter: Adapter, app: App, stopping: asyncio.Event, sign: SignOfLife) -> int:
    def ready() -> None:
        sign.renew()  # else it would say for a while that the platform is not connected
        print(f"ready: {adapter.platform}", file=sys.stderr, flush=True)  # noqa: T201 - what supervisors wait for

    try:
        await adapter.run(app.assistant, ready, stopping)
    except BotError as error:
        _tell(adapter, str(error))
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - a mistake in one adapter must not end the others
        _tell(adapter, mistake(error))
        return 1
    return 0


def _tell(adapter: Adapter, why: str) -> None:
    print(f"forgetmenot: {adapter.platform}: {why}", file=sys.stderr, flush=True)  # noqa: T201 - whoever started it reads


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
