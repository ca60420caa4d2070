"""How much is measured of the bot on Discord."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured.

    mentions: of as many people. memories, known: how many somebody has, and how often such people speak. hanging: talks
    that wait for the model. rounds: how often everything is used. outputs: hostile ones. model_s: how long a slow model
    takes. starts, settle_s: of an idle bot.
    """

    mentions: int = 300
    memories: int = 1000
    known: int = 100
    hanging: int = 30
    rounds: int = 10
    outputs: int = 5000
    model_s: float = 30.0
    starts: int = 3
    settle_s: float = 1.5


FULL = Sizes()
QUICK = Sizes(mentions=40, known=20, rounds=2, outputs=300, model_s=12.0, starts=1)
