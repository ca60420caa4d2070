"""What every part of the Discord adapter is given."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.discord.interface.once import Once
from adapters.given import Given
from adapters.running import RunningReplies
from bot.config import DiscordSettings
from bot.protocols import Assistant
from bot.tasks import TaskRunner

PLATFORM = "discord"
"""The platform's name in scopes."""


@dataclass(frozen=True, slots=True)
class Services:
    """The bot as the adapter's parts see it. `tasks` ends what they start; `running` are the replies being given."""

    assistant: Assistant
    bot: Given
    settings: DiscordSettings
    tasks: TaskRunner
    running: RunningReplies
    once: Once = field(default_factory=Once)
