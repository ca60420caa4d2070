"""What every part of the Slack adapter is given."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.pacing import Paces
from adapters.running import RunningReplies
from adapters.slack.directory import Directory
from adapters.slack.files import Files
from adapters.slack.interface.screens import Screens
from adapters.slack.moves import Moves
from adapters.slack.reading import PLATFORM
from adapters.slack.status import Signs
from adapters.slack.threads import Threads
from adapters.slack.workspaces import Workspaces
from bot.config import LimitsSettings, OpenAISettings, RepliesSettings, SlackSettings
from bot.lanes import Lanes
from bot.panel import Panel
from bot.policies import Policies
from bot.protocols import Assistant, Clock
from bot.store.notes import Notes
from bot.tasks import TaskRunner

__all__ = ["PLATFORM", "Services"]


@dataclass(frozen=True, slots=True)
class Services:
    """The bot as the adapter's parts see it.

    tasks: ends what they start. running: the replies being given. order: each person's messages, in their order.
    screens: the home tabs and modals that are shown.
    """

    assistant: Assistant
    panel: Panel
    policies: Policies
    notes: Notes
    settings: SlackSettings
    replies: RepliesSettings
    limits: LimitsSettings
    openai: OpenAISettings
    name: str
    tasks: TaskRunner
    running: RunningReplies
    clock: Clock
    workspaces: Workspaces
    directory: Directory
    threads: Threads
    moves: Moves
    signs: Signs
    paces: Paces
    order: Lanes
    files: Files
    screens: Screens = field(default_factory=Screens)
