"""Keeps one connection to Discord alive: a new one in place of one that broke, later each time, until told to stop."""

from __future__ import annotations

import asyncio
import logging
import random

import discord

from adapters.discord.client import BotClient, Desk
from adapters.discord.sending import FAULTS
from bot.errors import PlatformError
from bot.tasks import TaskRunner

log = logging.getLogger(__name__)

LONGEST_PAUSE_S = 300.0
STABLE_S = 600.0
"""A connection that held for so long was a good one: the next pause is short again."""

LOOK_S = 60.0
QUIET_S = 300.0
"""Seconds without a sign of life after which a connection is given up; heartbeats are answered every 41 s."""

CANCEL_S = 1.0
"""Seconds after which a connection that did not end is cancelled once more."""

_USED_OF_GRACE = 0.8  # the rest is for last edits

_PORTAL = "at https://discord.com/developers/applications, page Bot"
_TOKEN = f"Discord does not know the token; {_PORTAL}, press Reset Token and set DISCORD_TOKEN to the new one"
_SWITCH = (
    f'Discord refuses to show other people\'s messages; {_PORTAL}, turn on the switch "Message Content Intent", '
    'or set [discord] message_content to "auto"'
)
_FATAL = {
    4004: _TOKEN,
    4010: "Discord refused the shard (close code 4010); start a single bot for this token",
    4011: "the bot is in too many servers for one connection (close code 4011); start it again to get more shards",
    4012: "Discord no longer speaks this version of its gateway (close code 4012); update discord.py",
    4013: "Discord does not know what the bot asked to be told (close code 4013); update discord.py",
    4014: _SWITCH,
}
"""What to do about close codes after which the same would happen again:
https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
"""


def pause_s(failures: int, luck: float) -> float:
    """Return how long to wait after so many failures in a row, at least one: doubling, with a part left to chance.

    Args:
        luck: 0 to 1; spreads bots that lost Discord at the same moment.
    """
    return min(LONGEST_PAUSE_S, 2.0 ** min(failures - 1, 20)) * (0.5 + luck / 2)


class Supervisor:
    """Runs clients one after the other.

    Args:
        connections: runs them beside the wait for the end.
    """

    def __init__(self, desk: Desk, connections: TaskRunner) -> None:
        self._desk = desk
        self._connections = connections
        self._message_content = desk.services.settings.message_content
        self._fatal: PlatformError | None = None

    async def serve(self) -> None:
        """Serve until told to stop; replies that run then are given some time.

        Raises:
            PlatformError: a new connection would fail like the last one.
        """
        stopped = self._connections.start("discord stop", _until(self._desk.stopping), endless=True)
        loop = asyncio.get_running_loop()
        failures = 0
        while not stopped.done() and self._fatal is None:
            began_at = loop.time()
            await self._connection(stopped)
            failures = 1 if loop.time() - began_at > STABLE_S else failures + 1
            if not stopped.done() and self._fatal is None:
                left_s = pause_s(failures, random.random())  # noqa: S311 - no secret depends on it
                log.warning("the connection to Discord ended; the next one follows in %.1f s", left_s)
                await asyncio.wait({stopped}, timeout=left_s)
        if self._fatal is not None:
            raise self._fatal

    async def _connection(self, stopped: asyncio.Task[None]) -> None:
        """One client, from its login to its end, or to ours."""
        self._desk.pulse.listen()
        async with BotClient(self._desk, self._message_content) as client:
            running = self._connections.start("discord connection", self._run(client))
            while not running.done() and not stopped.done() and self._desk.pulse.quiet_s < QUIET_S:
                await asyncio.wait({running, stopped}, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
            if stopped.done():
                await self._wind_down()
            self._desk.line.disconnect()
        while not running.done():
            # The library goes on to connect shards of a client that is closed; and asyncio.wait_for, in which it does
            # so, forgets a cancellation that comes together with a failure (until Python 3.12).
            running.cancel()
            await asyncio.wait({running}, timeout=CANCEL_S)

    async def _wind_down(self) -> None:
        """Finish what is under way, while it can still be shown."""
        grace_s = self._desk.services.bot.limits.shutdown_s
        self._desk.services.running.close(grace_s * _USED_OF_GRACE)
        await self._desk.services.tasks.drain(grace_s)

    async def _run(self, client: BotClient) -> None:
        """Run a client to its end. Errors that are not foreseen end it too, and are logged by the runner."""
        try:
            await client.start(self._desk.services.settings.token.reveal())
        except discord.LoginFailure:
            self._fatal = PlatformError(_TOKEN)
        except discord.PrivilegedIntentsRequired:
            self._refused_content()
        except discord.ConnectionClosed as error:
            if error.code in _FATAL:
                self._fatal = PlatformError(_FATAL[error.code])
        except FAULTS as error:
            log.warning("Discord could not be reached: %s", type(error).__name__)

    def _refused_content(self) -> None:
        """Do without other people's messages, unless they are insisted on."""
        if self._message_content == "auto":
            self._message_content = "off"
        else:
            self._fatal = PlatformError(_SWITCH)


async def _until(event: asyncio.Event) -> None:
    await event.wait()
