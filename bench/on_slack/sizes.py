"""How much is measured of the bot on Slack."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured.

    said: things said in direct messages, and as many in channels. memories: how many each of those people has. hanging:
    talks that wait for the model. rounds: how often everything is used. outputs: hostile ones. forged: requests, and as
    many genuine ones. controls: of hostile outputs and of forged requests, to a bot without one of its guards. model_s:
    how long a slow model takes. starts, settle_s: of an idle bot.
    """

    said: int = 200
    memories: int = 1000
    hanging: int = 30
    rounds: int = 10
    outputs: int = 5000
    forged: int = 1000
    controls: int = 200
    model_s: float = 30.0
    starts: int = 3
    settle_s: float = 1.5


FULL = Sizes()
QUICK = Sizes(said=20, rounds=2, outputs=300, forged=100, controls=60, starts=1)
