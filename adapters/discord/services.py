"""What every part of the Discord adapter is given."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.discord.interface.once import Once
from adapters.running import RunningReplies
from bot.config import DiscordSettings, LimitsSettings, OpenAISettings, RepliesSettings
from bot.panel import Panel
from bot.policies import Policies
from bot.protocols import Assistant, Clock
from bot.store.notes import Notes
from bot.tasks import TaskRunner

PLATFORM = "discord"
"""The platform's name in scopes."""


@dataclass(frozen=True, slots=True)
class Services:
    """The bot as the adapter's parts see it. `tasks` ends what they start; `running` are the replies being given."""

    assistant: Assistant
    panel: Panel
    policies: Policies
    notes: Notes
    settings: DiscordSettings
    replies: RepliesSettings
    limits: LimitsSettings
    openai: OpenAISettings
    name: str
    tasks: TaskRunner
    running: RunningReplies
    clock: Clock
    once: Once = field(default_factory=Once)
