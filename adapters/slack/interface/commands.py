"""What Slack is told of the bot's commands, shortcuts and suggested prompts, and how they are called there. Data alone.

Names of slash commands are shared by all apps of a workspace, so each can be given a prefix.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

UMBRELLA = "forgetmenot"
"""The command that holds all those that have no slash command of their own."""

SUBCOMMANDS = (
    "help",
    "recall",
    "why",
    "export",
    "pause",
    "resume",
    "privacy",
    "new",
    "undo",
    "settings",
    "usage",
)
"""What can be said after the umbrella command."""


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A slash command as Slack lists it; its name is without slash and prefix."""

    name: str
    description: str
    usage_hint: str

    def slashed(self, prefix: str) -> str:
        """Return what people type."""
        return f"/{prefix}{self.name}"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry of a message's menu, or of the menu beside the composer. name: at most 24 characters."""

    callback_id: str
    name: str
    description: str
    on_message: bool


@dataclass(frozen=True, slots=True)
class Prompt:
    """Something that the messages tab offers to say."""

    title: str
    message: str


SLASH_COMMANDS = (
    SlashCommand("remember", "Have me keep something", "I'm allergic to walnuts [for:anywhere|everyone] [kind:fact]"),
    SlashCommand("forget", "Have me forget something; I show it first, then ask", "walnuts | #3 | everything"),
    SlashCommand("memories", "See what I remember about you", "[words] [kind:preference] [page:2]"),
    SlashCommand(UMBRELLA, "Everything else that I can do", " | ".join(SUBCOMMANDS)),
)

REMEMBER_THIS = Shortcut("remember_this", "Remember this", "Have me keep what you wrote here", on_message=True)
FORGET_FROM_THIS = Shortcut(
    "forget_from_this", "Forget what came from it", "Have me forget what this message taught me", on_message=True
)
MY_MEMORY = Shortcut("my_memory", "My memory", "See, change and forget what I remember about you", on_message=False)

SHORTCUTS = (REMEMBER_THIS, FORGET_FROM_THIS, MY_MEMORY)

PROMPTS = (
    Prompt("What do you know about me?", "What do you remember about me?"),
    Prompt("Remember something", "I prefer short answers, and I'm usually online from 9 to 5."),
    Prompt("What do I like?", "What are my preferences?"),
    Prompt("What did I decide?", "What have I decided lately?"),
)
"""Of which Slack shows four at most."""

_OWN = tuple(command.name for command in SLASH_COMMANDS if command.name != UMBRELLA)
_NAMED = re.compile(rf"(?<![\w/.])/(?:(?P<own>{'|'.join(_OWN)})|(?P<sub>{'|'.join(SUBCOMMANDS)}))(?![\w/])")


def as_called(text: str, prefix: str) -> str:
    """Return a text in which commands are named as they are called on Slack.

    The commands of the bot are the same everywhere; on Slack most of them are said after the umbrella command.
    """
    return _NAMED.sub(lambda found: f"/{prefix}{found['own'] or f'{UMBRELLA} ' + found['sub']}", text)
