"""What the bot gives the adapter of a chat platform: the same of every platform."""

from __future__ import annotations

from dataclasses import dataclass

from bot.app import App
from bot.config import LimitsSettings, OpenAISettings, RepliesSettings
from bot.panel import Panel
from bot.policies import Policies
from bot.protocols import Clock
from bot.store.notes import Notes


@dataclass(frozen=True, slots=True)
class Given:
    """The bot as an adapter sees it, but for the assistant, with which it is run.

    name: what the bot is called. notes: what is kept over restarts; of this adapter alone.
    """

    replies: RepliesSettings
    limits: LimitsSettings
    openai: OpenAISettings
    name: str
    panel: Panel
    policies: Policies
    notes: Notes
    clock: Clock


def given_by(app: App, platform: str) -> Given:
    """Return what an open bot gives the adapter of a platform."""
    settings = app.settings
    return Given(
        replies=settings.replies,
        limits=settings.limits,
        openai=settings.openai,
        name=settings.bot.name,
        panel=app.panel,
        policies=app.policies,
        notes=app.notes(platform),
        clock=app.database.clock,
    )
