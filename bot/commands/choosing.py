"""Commands by which a person chooses what is kept of them: pause, resume, privacy."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands.call import Answer, Call, counted, here
from bot.errors import InputError
from bot.memory.belongings import Belongings
from bot.memory.core import MemoryCore
from bot.policies import Policies
from bot.replies.turns import RecentTurns
from bot.types import WORKSPACES, Mode, Scope

_NOTHING_KEPT = "I keep nothing at all"
_GONE = """\
You are opted out {where}: I read and keep nothing you say there, and recall nothing. What I knew is still stored; \
erase it with /forget everything. Come back with /privacy {back}"""
_NOT_EVERYWHERE = "Elsewhere nothing changes; /privacy opt-out everywhere is for all of {platform}."

_PRIVACY = """\
I am an AI that remembers. I keep statements you make to me that are worth it, each with its date and place; \
never secrets, and personal matters such as health only after your yes. They lie on the machine of whoever runs me, \
who could read them there; /memories shows them, /forget erases them, /export hands them over, /pause stops new ones.
I recall them for you alone, and what you say in a direct message or private channel never in public.
Admins choose where I answer and listen, whether notes for everyone exist, which model answers and \
how long memories stay; they see how many there are, never what they say."""
_STAYS = "They stay until you erase them."
_GOES = "One that I have not used for {days} goes by itself, unless it is pinned."
_WAY_OUT = "Opt out of all of it {here} with /privacy opt-out"
_WIDER_WAY_OUT = ", on all of {platform} with /privacy opt-out everywhere"
_WAY_BACK = "You are opted out {where}. Come back with /privacy {back}"

_MODES = {
    Mode.AUTO: "I remember what you tell me",
    Mode.ASK: "I ask before I remember",
    Mode.COMMANDS: "I keep only what /remember says",
    Mode.OFF: "I keep and recall nothing of you",
}


def opted_out(scope: Scope, so: str, *, everywhere: bool) -> str:
    """Return what somebody is told who opted out: where, what follows, and how to come back."""
    where, back = _reach(scope, everywhere=everywhere)
    return f"You are opted out {where}, so {so}. /privacy {back} brings me back."


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
            return await self._still_out(call.scope)
        await self._core.enter_mode(call.scope, Mode.COMMANDS)
        return Answer("Paused: I keep nothing you say, except with /remember. Go on with /resume.")

    async def resume(self, call: Call) -> Answer:
        """/resume: keep again what was kept before the pause."""
        if await self._core.mode(call.scope) is Mode.OFF:
            return await self._still_out(call.scope)
        return Answer(f"Now: {_MODES[await self._core.leave_mode(call.scope, Mode.COMMANDS)]}.")

    async def privacy(self, call: Call) -> Answer:
        """/privacy [opt-out|opt-in [everywhere]]"""
        match call.command.argument.casefold().replace("-", " ").split():
            case ["opt", "out", *where]:
                return await self._out(call.scope, everywhere=_is_everywhere(call.scope, where))
            case ["opt", "in", *where]:
                return await self._in(call.scope, everywhere=_is_everywhere(call.scope, where))
        return Answer(await self._explained(call.scope))

    async def _out(self, scope: Scope, *, everywhere: bool) -> Answer:
        await self._core.enter_mode(scope.everywhere if everywhere else scope, Mode.OFF)
        self._turns.forget(scope)
        where, back = _reach(scope, everywhere=everywhere)
        lines = [_GONE.format(where=where, back=back)]
        if not everywhere and scope.platform not in WORKSPACES:
            lines.append(_NOT_EVERYWHERE.format(platform=scope.platform.capitalize()))
        return Answer("\n".join(lines))

    async def _in(self, scope: Scope, *, everywhere: bool) -> Answer:
        """End an opt-out here; one from everywhere only when that is said, so that it holds for servers to come."""
        if everywhere:
            await self._core.leave_mode(scope.everywhere, Mode.OFF)
        elif await self._is_out_everywhere(scope):
            return await self._still_out(scope)
        return Answer(f"Welcome back. Now: {_MODES[await self._core.leave_mode(scope, Mode.OFF)]}.")

    async def _still_out(self, scope: Scope) -> Answer:
        return Answer(opted_out(scope, _NOTHING_KEPT, everywhere=await self._is_out_everywhere(scope)))

    async def _is_out_everywhere(self, scope: Scope) -> bool:
        return await self._core.mode(scope.everywhere) is Mode.OFF

    async def _explained(self, scope: Scope) -> str:
        """What is kept of a person, by whom it is processed, and how to opt out or come back."""
        days = await self._policies.retention_days(scope.platform, scope.guild_id)
        stays = _GOES.format(days="a day" if days == 1 else f"{days:,} days") if days else _STAYS
        count = counted(len(await self._belongings.shown(scope)))
        mode = await self._core.mode(scope)
        now = f"Now, {here(scope)}: {_MODES[mode]}; {count} of you."
        way = await self._way_back(scope) if mode is Mode.OFF else _way_out(scope)
        return "\n".join([_PRIVACY, stays, *self._processing, now, way])

    async def _way_back(self, scope: Scope) -> str:
        where, back = _reach(scope, everywhere=await self._is_out_everywhere(scope))
        return _WAY_BACK.format(where=where, back=back)


def _way_out(scope: Scope) -> str:
    wider = "" if scope.platform in WORKSPACES else _WIDER_WAY_OUT.format(platform=scope.platform.capitalize())
    return _WAY_OUT.format(here=here(scope)) + wider


def _is_everywhere(scope: Scope, where: Sequence[str]) -> bool:
    """Whether a choice is for the whole platform. Where ids of people count in one guild only, there is no such.

    Raises:
        InputError: it is for somewhere else.
    """
    if list(where) not in ([], ["here"], ["everywhere"]):
        raise InputError(f"say where as here or everywhere, not as {' '.join(where)}; nothing was changed")
    return list(where) == ["everywhere"] and scope.platform not in WORKSPACES


def _reach(scope: Scope, *, everywhere: bool) -> tuple[str, str]:
    """Where an opt-out holds, and what ends it."""
    if everywhere:
        return f"everywhere on {scope.platform.capitalize()}", "opt-in everywhere"
    return here(scope), "opt-in"
