"""One command of each kind, a panel of buttons and a form, for the small bot."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from tests.discord.server.practice_bot import PracticeBot


class Form(discord.ui.Modal, title="Correct it"):
    """Asks for a text and a kind."""

    text: discord.ui.TextInput[Form] = discord.ui.TextInput(label="Text", default="old", max_length=20)
    kind: discord.ui.Label[Form] = discord.ui.Label(
        text="Kind",
        component=discord.ui.Select(options=[discord.SelectOption(label="fact"), discord.SelectOption(label="taste")]),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Tell what was filled in."""
        assert isinstance(self.kind.component, discord.ui.Select)
        await interaction.response.edit_message(
            content=f"{self.text.value}: {self.kind.component.values[0]}", view=None
        )


class Panel(discord.ui.View):
    """A button that opens the form, one that counts, and a list."""

    @discord.ui.button(label="edit", custom_id="edit")
    async def edit(self, interaction: discord.Interaction, _: discord.ui.Button[Panel]) -> None:
        """Open the form."""
        await interaction.response.send_modal(Form())

    @discord.ui.button(label="later", custom_id="later")
    async def later(self, interaction: discord.Interaction, _: discord.ui.Button[Panel]) -> None:
        """Acknowledge first, change the message then."""
        await interaction.response.defer()
        await interaction.edit_original_response(content="changed later")

    @discord.ui.select(
        placeholder="which?",
        custom_id="which",
        options=[discord.SelectOption(label="one"), discord.SelectOption(label="two")],
    )
    async def which(self, interaction: discord.Interaction, chosen: discord.ui.Select[Panel]) -> None:
        """Tell what was chosen."""
        await interaction.response.send_message(f"chosen: {chosen.values[0]}", ephemeral=True)


@app_commands.command(description="Remembers a text")
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
async def remember(
    interaction: discord.Interaction,
    text: app_commands.Range[str, 1, 100],
    about: discord.Member | discord.User | None = None,
) -> None:
    """Acknowledge before answering."""
    await interaction.response.defer(ephemeral=True)
    name = about.display_name if about else interaction.user.display_name
    await interaction.followup.send(f"{name}: {text}")


@app_commands.command(description="Shows a panel")
async def panel(interaction: discord.Interaction) -> None:
    """Show the panel."""
    await interaction.response.send_message("the panel", view=Panel(timeout=None))


@app_commands.command(description="Forgets something")
async def forget(interaction: discord.Interaction, what: str) -> None:
    """Answer at once, for everybody."""
    await interaction.response.send_message(f"forgot {what}")


@forget.autocomplete("what")
async def complete(_: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
    """Offer what contains the text so far."""
    return [app_commands.Choice(name=word, value=word) for word in ("vanilla", "van", "tea") if current in word]


@app_commands.command(description="For admins")
@app_commands.default_permissions(manage_guild=True)
async def settings(interaction: discord.Interaction) -> None:
    """Answer those who may."""
    await interaction.response.send_message("settings")


@app_commands.command(description="Never answers")
async def mute(_: discord.Interaction) -> None:
    """Say nothing at all."""


@app_commands.command(description="Answers six times")
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
async def chatty(interaction: discord.Interaction) -> None:
    """Answer, and follow up six times."""
    await interaction.response.send_message("0")
    for number in range(1, 7):
        await interaction.followup.send(f"{number}")


@app_commands.context_menu(name="Repeat this")
async def repeat(interaction: discord.Interaction, message: discord.Message) -> None:
    """Tell what the message says."""
    await interaction.response.send_message(f"it says: {message.content}", ephemeral=True)


group = app_commands.Group(name="list", description="Lists")


@group.command(description="Adds an entry")
async def add(interaction: discord.Interaction, entry: str) -> None:
    """Answer from a subcommand."""
    await interaction.response.send_message(f"added {entry}")


COMMANDS: tuple[Any, ...] = (remember, panel, forget, settings, mute, chatty, repeat, group)  # of three kinds


async def register(bot: PracticeBot) -> None:
    """Give the bot its commands and buttons, and tell the server of them."""
    for command in COMMANDS:
        bot.tree.add_command(command)
    bot.add_view(Panel(timeout=None))
    await bot.tree.sync()
