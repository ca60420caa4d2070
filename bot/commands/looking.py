"""Commands that show what is known and how: memories, recall, why, export, privacy, new, help."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from bot.commands.call import Answer, Call, label
from bot.commands.parse import kind
from bot.memory.core import MemoryCore
from bot.protocols import Selection
from bot.replies.dates import day_of
from bot.replies.turns import RecentTurns
from bot.store.ledger import Ledger, Parts
from bot.types import DM_GUILD, Hit, Memory, Mode, PlaceKind

PAGE = 10

HELP = """\
Talk to me, and I remember what you tell me about yourself.
/remember TEXT – keep this (kind:fact, for:anywhere, for:everyone)
/forget WORDS – shows what would be forgotten, then asks; also /forget #3, /forget everything
/undo – take back what I last remembered
/memories [WORDS] – what I know about you (kind:preference, page:2)
/recall QUESTION – what I would remember for a question
/why – which memories my last answer was built from
/export – everything I keep about you, as JSON
/pause, /resume – stop or go on remembering
/privacy – what is kept, where and how long; opt out or in
/new – begin a new conversation
/help – this list"""


class Looking:
    """Commands that read.

    Args:
        processing: lines that say who processes what is written to this bot.
    """

    def __init__(
        self, core: MemoryCore, ledger: Ledger, turns: RecentTurns, timezone: tzinfo, processing: Sequence[str]
    ) -> None:
        self._core = core
        self._ledger = ledger
        self._turns = turns
        self._timezone = timezone
        self._processing = processing

    async def memories(self, call: Call) -> Answer:
        """/memories [WORDS] [kind:KIND] [page:N]"""
        chosen = kind(call.command.options)
        selection = Selection(kinds=(chosen,) if chosen else None)
        words = call.command.argument
        found = await self._core.list(call.scope, selection, words=words, place=call.place)
        hidden = len(await self._core.list(call.scope, selection, words=words)) - len(found)
        shared = await self._shared(call, selection, words)
        every = [*found, *shared]
        pages = max(-(-len(every) // PAGE), 1)
        page = min(max(_whole(call.command.options.get("page", "1")), 1), pages)
        lines = [self._line(memory, call) for memory in every[(page - 1) * PAGE : page * PAGE]]
        if not lines:
            lines = ["I remember nothing that fits." if words or chosen else "I remember nothing about you yet."]
        if pages > 1:
            lines.append(f"Page {page} of {pages}; the next one: /memories page:{min(page + 1, pages)}")
        if hidden:
            lines.append(f"{hidden} more, said elsewhere, I show only in a direct message.")
        return Answer("\n".join(lines))

    async def recall(self, call: Call) -> Answer:
        """/recall QUESTION"""
        if not call.command.argument:
            return Answer("Ask me something: /recall what can't I eat?")
        hits = (await self._core.recall(call.scope, call.command.argument, place=call.place)).hits
        if not hits:
            return Answer("Nothing I remember fits that.")
        return Answer("\n".join(self._hit(hit, call) for hit in hits), used=hits)

    async def why(self, call: Call) -> Answer:
        """/why: the memories of the last reply here, with their score parts and sources."""
        last = await self._ledger.last_reply(call.scope, call.place)
        if last is None:
            return Answer("I have not answered you here yet.")
        memories: dict[int, Memory] = {}
        for scope in (call.scope, call.scope.shared, *await self._core.everywhere(call.scope)):
            wanted = tuple(memory_id for memory_id, _ in last.hits if memory_id not in memories)
            if wanted:
                memories |= {m.id: m for m in await self._core.list(scope, Selection(ids=wanted))}
        shown = [self._scored(memories[i], parts, call) for i, parts in last.hits if i in memories]
        if not shown:
            return Answer("My last answer here used no memories, or they were forgotten since.")
        return Answer("\n".join(["My last answer here was built from:", *shown]))

    async def export(self, call: Call) -> Answer:
        """/export: every memory of the person as JSON, one object a line; in direct messages only."""
        if call.place.kind is not PlaceKind.DM:
            return Answer("I export only in a direct message, where nobody else reads along.")
        scopes = [call.scope]
        if call.scope.guild_id == DM_GUILD:  # guilds have no direct messages of their own there
            scopes += [scope for scope in await self._core.everywhere(call.scope) if scope != call.scope]
        lines = [line for scope in scopes for line in await self._core.export(scope)]
        return Answer("\n".join(lines) or "There is nothing to export.")

    async def privacy(self, call: Call) -> Answer:
        """/privacy [opt-out|opt-in]"""
        choice = call.command.argument.casefold().replace(" ", "-")
        if choice == "opt-out":
            await self._core.set_mode(call.scope, Mode.OFF)
            self._turns.forget(call.scope)
            return Answer(
                "You are opted out: I read and keep nothing you say, and recall nothing. What I knew is still stored; "
                "erase it with /forget everything. Come back with /privacy opt-in"
            )
        if choice == "opt-in":
            await self._core.set_mode(call.scope, Mode.AUTO)
            return Answer("Welcome back: I remember what you tell me.")
        mode = await self._core.mode(call.scope)
        count = len(await self._core.list(call.scope))
        return Answer("\n".join([_PRIVACY, *self._processing, f"Now: {_MODES[mode]}; {count} memories of you."]))

    async def new(self, call: Call) -> Answer:
        """/new: forget the recent turns of this conversation; memories stay."""
        self._turns.clear(call.scope, call.place)
        return Answer("A new conversation. What I remember about you stays.")

    async def help(self, call: Call) -> Answer:  # noqa: ARG002 - every command is called the same way
        """/help"""
        return Answer(HELP)

    async def _shared(self, call: Call, selection: Selection, words: str) -> list[Memory]:
        """The person's own shared notes, of those said where this place may read them."""
        notes = await self._core.list(call.scope.shared, selection, words=words, place=call.place)
        return [note for note in notes if note.author is not None and note.author.id == call.scope.user_id]

    def _line(self, memory: Memory, call: Call) -> str:
        return f"{label(memory, call.scope)} – {memory.kind}, {day_of(memory.event_time, call.now, self._timezone)}"

    def _hit(self, hit: Hit, call: Call) -> str:
        return self._scored(hit.memory, hit.parts.named(), call)

    def _scored(self, memory: Memory, parts: Parts, call: Call) -> str:
        score = sum(parts.values())
        named = ", ".join(f"{name} {value:+.2f}" for name, value in parts.items() if round(value, 2))
        sources = ", ".join(source.id for source in memory.sources) or "given without a message"
        return f"{self._line(memory, call)}\n  score {score:.2f} = {named or '0'}\n  from {sources}"


_PRIVACY = """\
I am an AI that remembers. I keep statements you make to me that are worth it, each with its date and place; never
secrets, and personal matters such as health only after your yes. They stay until you erase them, on the machine of
whoever runs me; /memories shows them, /forget erases them, /export hands them over, /pause stops new ones.
I recall them for you alone, and what you say in a direct message or private channel never in public.
Opt out of all of it with /privacy opt-out"""

_MODES = {
    Mode.AUTO: "I remember what you tell me",
    Mode.ASK: "I ask before I remember",
    Mode.COMMANDS: "paused, I keep only what /remember says",
    Mode.OFF: "you are opted out",
}


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else 1
