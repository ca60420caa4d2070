"""Tries a request again while that can help and the deadline allows; knows no protocol."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.openai_service.faults import Fault, describe, foreign_errors, timed_out

T = TypeVar("T")

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 8.0


class ServiceError(Exception):
    """A request failed for good; carries the fault from this folder's inside to its edge."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def pause_s(tries: int, named_s: float | None, chance: float) -> float:
    """Return the seconds to wait before the next try.

    Args:
        tries: how many have failed, 1 or more.
        named_s: what the service asked for; it wins.
        chance: 0 to 1, spreads the tries of many callers over the second half of the pause.
    """
    if named_s is not None:
        return named_s
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (tries - 1)) * (0.5 + 0.5 * chance)


async def with_retries(
    attempt: Callable[[], Awaitable[T]], *, section: str, deadline_s: float, ends_at: float, max_retries: int
) -> T:
    """Return what `attempt` gives, tried 1 + `max_retries` times at most.

    Args:
        deadline_s: length of the whole call in seconds, for the message.
        ends_at: its end, in the loop's time.

    Raises:
        ServiceError: no try succeeded, a retry cannot help, or the pause before it would pass the deadline.
    """
    tries = 0
    while True:
        tries += 1
        try:
            async with asyncio.timeout_at(ends_at):
                return await attempt()
        except TimeoutError:
            raise ServiceError(timed_out(section, deadline_s, "answer")) from None
        except foreign_errors() as error:
            fault = describe(error, section)
        pause = pause_s(tries, fault.named_pause_s, random.random())  # noqa: S311 - spreads tries, guards nothing
        if not fault.retryable or tries > max_retries or asyncio.get_running_loop().time() + pause >= ends_at:
            # No `from error`: its text quotes the service, which quotes the prompt or the key, and a logged traceback
            # would print it.
            raise ServiceError(fault)
        await asyncio.sleep(pause)
