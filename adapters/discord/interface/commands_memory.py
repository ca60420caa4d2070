"""The slash commands that everybody has: what each is called, what it takes, and which answer it gives."""

from __future__ import annotations

import asyncio
from typing import Literal

from discord import app_commands
from discord.app_commands import Choice, Range

from adapters.discord.attaching import files_of
from adapters.discord.interface.forget_view import exact, forget
from adapters.discord.interface.gates import Gate, Interaction, gated
from adapters.discord.interface.interactions import scope_here, shown, tell, under_notices
from adapters.discord.interface.memories_view import memories
from adapters.discord.interface.privacy_view import Choice as PrivacyChoice
from adapters.discord.interface.privacy_view import privacy
from adapters.discord.interface.remembering import remembered
from adapters.discord.interface.responding import Attached, Response, Said, respond
from adapters.discord.interface.sources import linked
from adapters.discord.services import Services
from bot.errors import StoreError
from bot.types import Kind

SUGGEST_S = 0.8
"""Seconds for suggestions while somebody types; late ones are of no use."""

_SUGGESTED = 100  # characters of one: https://discord.com/developers/docs/interactions/application-commands

KindName = Literal["preference", "fact", "decision", "event", "note"]
ReachName = Literal["me", "anywhere", "everyone"]


class MemoryCommands:
    """Commands about the asker's own memories; only the asker sees what they answer.

    The first line of each method is how Discord describes the command to people.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    @gated(Gate.ASKER)
    @app_commands.describe(
        text="What I am to remember, in your words",
        kind="What sort of thing it is; I guess when you don't say",
        reach="Who it is for: you in places like this one, you anywhere in this server, or everyone here",
    )
    @app_commands.rename(reach="for")
    async def remember(
        self,
        interaction: Interaction,
        text: Range[str, 1, 4000],
        kind: KindName | None = None,
        reach: ReachName | None = None,
    ) -> None:
        """Keep something"""
        chosen = (("kind", kind), ("for", reach))
        options = tuple((name, value) for name, value in chosen if value is not None)
        await respond(interaction, self._services, remembered(interaction, self._services, text, options=options))

    @gated(Gate.ASKER)
    @app_commands.describe(what="Some words of it, its number, or: everything")
    async def forget(self, interaction: Interaction, what: Range[str, 1, 200]) -> None:
        """Forget something; shows what would go, then asks"""
        await respond(interaction, self._services, forget(interaction, self._services, what))

    @gated(Gate.ASKER)
    @app_commands.describe(kind="Only of one sort", search="Only those with these words")
    async def memories(
        self, interaction: Interaction, kind: KindName | None = None, search: Range[str, 1, 100] | None = None
    ) -> None:
        """See what I remember about you; change, pin and forget it"""
        chosen = Kind(kind) if kind else None
        await respond(interaction, self._services, memories(interaction, self._services, chosen, search or ""))

    @gated(Gate.ASKER)
    @app_commands.describe(query="The question")
    async def recall(self, interaction: Interaction, query: Range[str, 1, 1000]) -> None:
        """See what I would remember for a question, and why"""
        await self._told(interaction, "recall", query)

    @gated(Gate.ASKER)
    async def why(self, interaction: Interaction) -> None:
        """See which memories my last answer to you here was built from"""
        await self._told(interaction, "why")

    @gated(Gate.ASKER)
    async def export(self, interaction: Interaction) -> None:
        """Get everything I keep about you as a file"""
        await respond(interaction, self._services, self._exported(interaction))

    @gated(Gate.ASKER)
    @app_commands.describe(choice="Whether I am to read and keep anything you say")
    async def privacy(self, interaction: Interaction, choice: PrivacyChoice | None = None) -> None:
        """See what is kept, where and by whom it is processed; opt out or in"""
        await respond(interaction, self._services, privacy(interaction, self._services, choice))

    @gated(Gate.ASKER)
    async def pause(self, interaction: Interaction) -> None:
        """Stop remembering what you say; /remember still works"""
        await self._told(interaction, "pause")

    @gated(Gate.ASKER)
    async def resume(self, interaction: Interaction) -> None:
        """Go on remembering what you say"""
        await self._told(interaction, "resume")

    @gated(Gate.ASKER)
    async def new(self, interaction: Interaction) -> None:
        """Begin a new conversation here; memories stay"""
        await self._told(interaction, "new")

    @gated(Gate.ASKER)
    async def undo(self, interaction: Interaction) -> None:
        """Take back what I last remembered"""
        await self._told(interaction, "undo")

    async def suggest(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """Return the asker's memories that begin to match what they type; none when that takes too long."""
        scope, panel = scope_here(interaction), self._services.bot.panel
        try:
            async with asyncio.timeout(SUGGEST_S):
                found = await panel.suggest(scope, current)
        except (StoreError, TimeoutError):
            return []
        labels = [" ".join(panel.label(scope, memory).split())[:_SUGGESTED] for memory in found]
        return [Choice(name=label, value=exact(memory)) for label, memory in zip(labels, found, strict=True)]

    async def _told(self, interaction: Interaction, command: str, text: str = "") -> None:
        async def work() -> Response:
            told = await tell(interaction, self._services, command, text)
            return Said(await linked(interaction, self._services, shown(told)))

        await respond(interaction, self._services, work())

    async def _exported(self, interaction: Interaction) -> Response:
        told = await tell(interaction, self._services, "export")
        if told.file is None:  # a line says why there is nothing
            return Said(shown(told))
        files = files_of(told.file, interaction.filesize_limit)
        return Said(under_notices(told, told.file.about), files=tuple(Attached(*file) for file in files))
