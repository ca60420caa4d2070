"""Commands by which a person chooses what is kept of them: pause, resume, privacy."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands.call import Answer, Call, counted
from bot.memory.belongings import Belongings
from bot.memory.core import MemoryCore
from bot.policies import Policies
from bot.replies.turns import RecentTurns
from bot.types import Mode

_OPTED_OUT = "You are opted out, so I keep nothing at all. /privacy opt-in brings me back."

_PRIVACY = """\
I am an AI that remembers. I keep statements you make to me that are worth it, each with its date and place; \
never secrets, and personal matters such as health only after your yes. They lie on the machine of whoever runs me, \
who could read them there; /memories shows them, /forget erases them, /export hands them over, /pause stops new ones.
I recall them for you alone, and what you say in a direct message or private channel never in public.
Admins of a server choose where I answer and listen, whether notes for everyone exist, which model answers and \
how long memories stay; they see how many there are, never what they say."""
_STAYS = "They stay until you erase them."
_GOES = "One that I have not used for {days} goes by itself, unless it is pinned."
_WAY_OUT = "Opt out of all of it with /privacy opt-out"

_MODES = {
    Mode.AUTO: "I remember what you tell me",
    Mode.ASK: "I ask before I remember",
    Mode.COMMANDS: "I keep only what /remember says",
    Mode.OFF: "I keep and recall nothing of you",
}


class Choosing:
    """Commands that change what is kept from now on.

    Args:
        processing: lines that say who processes what is written to this bot.
    """

    def __init__(self, core: MemoryCore, policies: Policies, turns: RecentTurns, processing: Sequence[str]) -> None:
        self._core = core
        self._belongings = Belongings(core)
        self._policies = policies
        self._turns = turns
        self._processing = processing

    async def pause(self, call: Call) -> Answer:
        """/pause: keep nothing but what /remember says."""
        if await self._core.mode(call.scope) is Mode.OFF:
            return Answer(_OPTED_OUT)
        await self._core.enter_mode(call.scope, Mode.COMMANDS)
        return Answer("Paused: I keep nothing you say, except with /remember. Go on with /resume.")

    async def resume(self, call: Call) -> Answer:
        """/resume: keep again what was kept before the pause."""
        if await self._core.mode(call.scope) is Mode.OFF:
            return Answer(_OPTED_OUT)
        return Answer(f"Now: {_MODES[await self._core.leave_mode(call.scope, Mode.COMMANDS)]}.")

    async def privacy(self, call: Call) -> Answer:
        """/privacy [opt-out|opt-in]"""
        choice = call.command.argument.casefold().replace(" ", "-")
        if choice == "opt-out":
            await self._core.enter_mode(call.scope, Mode.OFF)
            self._turns.forget(call.scope)
            return Answer(
                "You are opted out: I read and keep nothing you say, and recall nothing. What I knew is still stored; "
                "erase it with /forget everything. Come back with /privacy opt-in"
            )
        if choice == "opt-in":
            return Answer(f"Welcome back. Now: {_MODES[await self._core.leave_mode(call.scope, Mode.OFF)]}.")
        days = await self._policies.retention_days(call.scope.platform, call.scope.guild_id)
        stays = _GOES.format(days="a day" if days == 1 else f"{days:,} days") if days else _STAYS
        mode = await self._core.mode(call.scope)
        count = counted(len(await self._belongings.shown(call.scope)))
        now = f"Now: {_MODES[mode]}; {count} of you."
        return Answer("\n".join([_PRIVACY, stays, *self._processing, now, _WAY_OUT]))
