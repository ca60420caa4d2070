"""Commands that show what is known and how: memories, recall, why, export, new, help."""

from __future__ import annotations

from bot.commands.call import Answer, Call, counted
from bot.commands.choosing import opted_out
from bot.commands.parse import kind
from bot.commands.reasons import Reasons
from bot.events import ReplyFile
from bot.exchange.record import record_line
from bot.memory.belongings import Belongings
from bot.memory.core import MemoryCore
from bot.protocols import Selection
from bot.replies.turns import RecentTurns
from bot.store.ledger import Ledger
from bot.types import Mode

PAGE = 10

_EXPORT = "memories.jsonl"
_EXPORTED = "Everything I keep about you, one memory a line."

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

HELP_FOR_ADMINS = """\
/settings [NAME VALUE] – for admins: where I answer and listen, notes for everyone, model, limits
/usage – for admins: how much I am used, never what for"""


class Looking:
    """Commands that read."""

    def __init__(self, core: MemoryCore, ledger: Ledger, turns: RecentTurns, reasons: Reasons) -> None:
        self._core = core
        self._belongings = Belongings(core)
        self._ledger = ledger
        self._turns = turns
        self._reasons = reasons

    async def memories(self, call: Call) -> Answer:
        """/memories [WORDS] [kind:KIND] [page:N]"""
        chosen = kind(call.command.options)
        selection = Selection(kinds=(chosen,) if chosen else None)
        words = call.command.argument
        found = await self._belongings.shown(call.scope, selection, words=words)
        every = [memory for memory in found if call.may_show(memory)]
        pages = max(-(-len(every) // PAGE), 1)
        page = min(max(_whole(call.command.options.get("page", "1")), 1), pages)
        shown = every[(page - 1) * PAGE : page * PAGE]
        lines = [self._reasons.line(memory, call.scope, call.now) for memory in shown]
        hidden = len(found) - len(every)
        if not lines and not hidden:
            lines = ["I remember nothing that fits." if words or chosen else "I remember nothing about you yet."]
        if pages > 1:
            next_one = f"; the next one: /memories page:{page + 1}" if page < pages else ""
            lines.append(f"Page {page} of {pages}{next_one}")
        if hidden:
            count = f"{hidden} more" if lines else counted(hidden)
            lines.append(f"{count} I show only in a direct message.")
        return Answer("\n".join(lines))

    async def recall(self, call: Call) -> Answer:
        """/recall QUESTION"""
        if not call.command.argument:
            return Answer("Ask me something: /recall what can't I eat?")
        if await self._core.mode(call.scope) is Mode.OFF:
            everywhere = await self._core.mode(call.scope.everywhere) is Mode.OFF
            return Answer(opted_out(call.scope, "I recall nothing", everywhere=everywhere))
        hits = (await self._core.recall(call.scope, call.command.argument, place=call.place)).hits
        if not hits:
            return Answer("Nothing I remember fits that.")
        lines = [self._reasons.scored(hit.memory, hit.parts.named(), call.scope, call.now) for hit in hits]
        return Answer("\n".join(lines), used=hits)

    async def why(self, call: Call) -> Answer:
        """/why: the memories of the last reply here, with their score parts and sources."""
        last = await self._ledger.last_reply(call.scope, call.place)
        if last is None:
            return Answer("I have not answered you here lately.")
        shown = await self._reasons.of(last, call.scope, call.now, call.may_show)
        if not shown:
            return Answer("My last answer here used no memories, or none that I can show here now.")
        return Answer("\n".join(["My last answer here was built from:", *shown]))

    async def export(self, call: Call) -> Answer:
        """/export: everything of the person as a file, one JSON object a line; only where nobody else reads along."""
        if not call.alone:
            return Answer("I export only in a direct message, where nobody else reads along.")
        every = await self._belongings.every(call.scope)
        if not every:
            return Answer("There is nothing to export.")
        lines = (f"{record_line(memory)}\n" for memory in reversed(every))
        return Answer("", file=ReplyFile(_EXPORT, "".join(lines), _EXPORTED))

    async def new(self, call: Call) -> Answer:
        """/new: forget the recent turns of this conversation; memories stay."""
        self._turns.clear(call.scope, call.place)
        return Answer("A new conversation. What I remember about you stays.")

    async def help(self, call: Call) -> Answer:
        """/help"""
        return Answer(f"{HELP}\n{HELP_FOR_ADMINS}" if call.admin else HELP)


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else 1
