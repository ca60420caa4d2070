"""Asks the assistant, and shows what comes back. Whatever goes wrong, the person gets an answer."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import aclosing, suppress
from functools import partial
from typing import TypeAlias, TypeVar

from adapters.running import Ending
from adapters.slack.faults import Gone, Passing, Refused, Unsure
from adapters.slack.sending import Content, safe_post, tell_asker
from adapters.slack.services import Services
from adapters.slack.showing import ShownReply
from adapters.slack.spot import Spot
from adapters.slack.status import Sign
from adapters.slack.workspaces import Workspace
from bot.calling import is_command
from bot.errors import PlatformError
from bot.events import IncomingMessage, ReplyEnd, ReplyPart
from bot.judgement.secrets import redact
from bot.protocols import LookAround, nowhere, untold

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")
_Parts: TypeAlias = AsyncGenerator[ReplyPart, None]

TITLE_CHARACTERS = 60
"""Of an agent's thread, in the list of them."""

AGAIN_S = (5.0, 30.0, 120.0)
"""Seconds before each further try of a reply that Slack could not take just then."""

_NOTES = {Ending.STOPPED: "stopped", Ending.CUT_OFF: "cut off: I am restarting"}
_FAILED = "Something went wrong, and the mistake is mine. Whoever runs this bot finds it in the log as {reference}."
_UNSURE = "Slack did not confirm my answer. If you see none, or only a part of it, please ask again."


async def reply(
    services: Services,
    workspace: Workspace,
    message: IncomingMessage,
    around: LookAround = nowhere,
    taken: Callable[[], None] = untold,
    *,
    resumes: bool = False,
    tries: tuple[ShownReply, ...] = (),
) -> None:
    """Show the assistant's reply to a message, which is given `around` and `taken`; if it cannot be now, then later.

    Args:
        resumes: an earlier run may have shown some of it.
        tries: this run's, which Slack did not take.
    """
    spot = Spot.of(message, workspace)
    shown = tries[-1].anew() if tries else ShownReply(message, spot, services, resumes=resumes)

    def may_wait() -> bool:
        return len(tries) < len(AGAIN_S) and not services.running.is_closing

    whole = next((one for one in tries if one.is_whole), None)
    parts = _once_more(services, whole) if whole else services.assistant.handle(message, taken=taken, around=around)
    sign = services.signs.begin(spot, _title_of(message), resumes=resumes) if message.addressed else None
    try:
        await guarded(spot, message.source_id, _give(services, spot, shown, parts, sign), shown, may_wait=may_wait)
    except Passing as error:
        log.info("the reply to message %s waits: %s", message.source_id, error)
        again = partial(reply, services, workspace, message, around, resumes=True, tries=(*tries, shown))
        later = _later(services, spot, shown, AGAIN_S[len(tries)], again)
        services.tasks.start("slack wait", later, endless=True)
    finally:
        await shown.close()


async def _once_more(services: Services, shown: ShownReply) -> _Parts:
    """The parts of a reply that was whole but could not be shown: what it says was done is not to be done again."""
    for part in shown.given:
        yield part
    await services.assistant.stopped(shown.message)


async def _later(
    services: Services,
    spot: Spot,
    shown: ShownReply,
    pause_s: float,
    answer: Callable[[], Coroutine[object, object, None]],
) -> None:
    """Answer after a pause, in a task of its own: the shutdown ends this one at once, but waits for answers."""
    try:
        async with services.running.begun(spot.user_id, spot.source_id) as waiting:
            await asyncio.sleep(pause_s)
    except TimeoutError:
        if waiting.ending is not None:
            await _told(_end_early(services, shown, waiting.ending))
        return
    services.tasks.start("slack message", answer())


def _title_of(message: IncomingMessage) -> str:
    """What an agent's thread is called in the list of them; empty for a command. Secrets are no part of it."""
    return "" if is_command(message) else redact(message.text).text[:TITLE_CHARACTERS]


async def _give(services: Services, spot: Spot, shown: ShownReply, parts: _Parts, sign: Sign | None) -> None:
    """Show a reply to its end, or to where it is ended; what is overheard has no sign."""
    try:
        async with services.running.begun(spot.user_id, spot.source_id, spot.thread) as running:
            if sign is not None and not spot.is_direct and spot.thread_ts is not None:
                # At once, since more may be said there meanwhile; not waited for, since other messages follow in order.
                services.tasks.start("slack thread", services.threads.joins(spot.channel_id, spot.thread_ts))
            await _show(shown, parts, sign)
    except TimeoutError:
        if running.ending is None:
            raise
        await _end_early(services, shown, running.ending)
    finally:
        if sign is not None:
            await sign.end()


async def _end_early(services: Services, shown: ShownReply, ending: Ending) -> None:
    if ending is Ending.WITHDRAWN:
        await shown.take_back()
    elif shown.visible:
        await shown.finish(ReplyEnd(failed=True), _NOTES[ending])
    elif ending is Ending.STOPPED:
        await services.assistant.stopped(shown.message)


async def _show(shown: ShownReply, parts: _Parts, sign: Sign | None) -> None:
    async with aclosing(parts):
        async for part in parts:
            try:
                await shown.show(part)
                if sign is not None and isinstance(part, ReplyEnd):
                    await sign.end()  # before the reply counts as given: a run that is killed here would leave it up
            except (Gone, Refused, Unsure):
                raise  # shown as far as it ever will be
            except PlatformError as error:
                await parts.athrow(error)  # the assistant is to know that it was not delivered; gives it back
            except asyncio.CancelledError:
                if not shown.visible:
                    with suppress(PlatformError):
                        await parts.athrow(PlatformError("cut off before anything of it could be seen"))
                raise


def _never() -> bool:
    return False


async def guarded(
    spot: Spot | None,
    source_id: str,
    work: Awaitable[_Result],
    shown: ShownReply | None = None,
    *,
    may_wait: Callable[[], bool] = _never,
) -> _Result | None:
    """Do work for a reply; whatever goes wrong, the person gets an answer and the bot lives on.

    Args:
        spot: where to say so; None when nobody waits.
        shown: the reply, if some of it may stand there already.
        may_wait: tells whether it can be done later.

    Raises:
        Passing: it can be done later.
    """
    try:
        return await work
    except Gone:
        log.info("the reply to message %s, or its channel, was deleted", source_id)
    except Unsure as error:
        log.warning("it is not known whether the reply to message %s was delivered: %s", source_id, error)
        if spot is not None:
            await _told(tell_asker(spot, _UNSURE))
    except PlatformError as error:
        if isinstance(error, Passing) and may_wait():
            raise
        log.warning("the reply to message %s was not delivered: %s", source_id, error)
    except Exception as error:  # noqa: BLE001 - a person always gets an answer
        reference = secrets.token_hex(3)
        # The type alone: texts of foreign errors may hold what people said.
        log.error("the reply to message %s failed (%s): %s", source_id, reference, type(error).__name__)
        if spot is not None:
            await _told(_apology(spot, _FAILED.format(reference=reference), shown))
    return None


async def _apology(spot: Spot, line: str, shown: ShownReply | None) -> None:
    if shown is not None and shown.visible:
        await shown.finish(ReplyEnd(failed=True), line)
    else:
        await safe_post(spot, Content(line), f"{spot.key}#failed")


async def _told(telling: Awaitable[None]) -> None:
    try:
        await telling
    except PlatformError as error:
        log.warning("nor could that be shown: %s", error)
