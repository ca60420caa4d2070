"""What every part of the Slack adapter is given."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.given import Given
from adapters.pacing import Paces
from adapters.running import RunningReplies
from adapters.slack.directory import Directory
from adapters.slack.files import Files
from adapters.slack.interface.homes import Homes
from adapters.slack.interface.screens import Screens
from adapters.slack.moves import Moves
from adapters.slack.reading import PLATFORM
from adapters.slack.status import Signs
from adapters.slack.threads import Threads
from adapters.slack.workspaces import Workspaces
from bot.config import SlackSettings
from bot.lanes import Lanes
from bot.protocols import Assistant
from bot.tasks import TaskRunner

__all__ = ["PLATFORM", "Services"]


@dataclass(frozen=True, slots=True)
class Services:
    """The bot as the adapter's parts see it.

    tasks: ends what they start. running: the replies being given. order: each person's messages, in their order.
    homes: the home tabs that people looked at. screens: whose turn it is to change one, or a modal.
    """

    assistant: Assistant
    bot: Given
    settings: SlackSettings
    tasks: TaskRunner
    running: RunningReplies
    workspaces: Workspaces
    directory: Directory
    threads: Threads
    moves: Moves
    homes: Homes
    signs: Signs
    paces: Paces
    order: Lanes
    files: Files
    screens: Screens = field(default_factory=Screens)
