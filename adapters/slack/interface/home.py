"""The home tab: what the bot keeps of a person, to be seen and changed there, and for admins how it works for all.

It is built anew from what is stored whenever it is opened and after each change, whatever made that.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from adapters.slack.directory import Person
from adapters.slack.faults import our_errors, patiently
from adapters.slack.interface.commands import PROMPTS, as_called
from adapters.slack.interface.interactions import Interaction
from adapters.slack.interface.kit import Block, actions, divider, header, section, small
from adapters.slack.interface.memory_list import CALLBACK, Listing, listed, listing_from, listing_of, memory_screen
from adapters.slack.interface.presses import button
from adapters.slack.interface.responding import Anew, Shown, publish
from adapters.slack.interface.screens import Screen
from adapters.slack.services import Services
from adapters.slack.workspaces import Workspace
from bot.errors import BotError, PlatformError
from bot.panel import Standing
from bot.types import Mode, Policy, Scope

log = logging.getLogger(__name__)

_NOTICE = (
    "I'm {name}, an AI. Here you see, change and forget what I keep about you; Privacy says more and lets you opt out."
)
_MODES = {
    Mode.AUTO: "I remember what you tell me about yourself, for you alone.",
    Mode.ASK: "I ask before I remember.",
    Mode.COMMANDS: "Paused: I keep only what you have me remember with a command.",
    Mode.OFF: "You are opted out: I keep and recall nothing of you.",
}
_OUTSIDER = "You are a guest here: I keep nothing new of guests, and recall nothing for them; admins can change that."
_UNKNOWN = "Slack does not say just now who you are. Please open this tab again in a moment."


async def home_screen(
    services: Services, workspace: Workspace, scope: Scope, wanted: Listing, *, notice: str = ""
) -> Screen:
    """Return a person's home tab as it is now."""
    person = await services.directory.person(workspace, scope.user_id)
    policy = await services.bot.policies.of(scope.platform, scope.guild_id)
    standing = await services.bot.panel.standing(scope)
    memories, listing = await listed(services, scope, wanted)
    blocks = [
        small(_NOTICE.format(name=services.bot.name)),
        section(_kept(person, standing.mode, policy)),
        _choices(scope, standing),
        divider(),
        header("What I remember about you"),
        *memories,
        *(_for_admins(scope) if person.is_admin else []),
    ]
    notice = as_called(notice, services.settings.command_prefix)
    return Screen("", blocks, listing.metadata, notice=notice)


def _kept(person: Person, mode: Mode, policy: Policy) -> str:
    """What is kept of a person from now on."""
    if mode is Mode.OFF or policy.outsiders or not person.is_outsider:
        return _MODES[mode]
    return _OUTSIDER if person.is_known else _UNKNOWN


def _choices(scope: Scope, standing: Standing) -> Block:
    owner = scope.user_id
    pausing = {
        Mode.COMMANDS: [button("resume", owner, label="Resume")],
        Mode.OFF: [button("optin", owner, label="Opt in", style="primary")],
    }
    return actions(
        *pausing.get(standing.mode, [button("pause", owner, label="Pause")]),
        button("export", owner, label="Export"),
        button("privacy", owner, label="Privacy"),
    )


def _for_admins(scope: Scope) -> list[Block]:
    owner = scope.user_id
    return [
        divider(),
        header("For admins of this workspace"),
        actions(button("settings", owner, label="Settings"), button("usage", owner, label="Usage")),
    ]


def anew(services: Services, interaction: Interaction) -> Anew | None:
    """Return what builds the home tab, or the list in a modal, that something was used on; None for other screens."""
    view = interaction.view or {}
    if not interaction.on_home and view.get("callback_id") != CALLBACK:
        return None
    build = home_screen if interaction.on_home else memory_screen

    async def built(notice: str) -> Screen:
        return await build(services, interaction.workspace, interaction.scope, listing_of(view), notice=notice)

    return built


async def opened(services: Services, interaction: Interaction, event: dict[str, Any]) -> None:
    """Show a person's home tab, which stays on the page where it was, or offer something to say on the messages tab.

    Raises:
        BotError: it could not be built or sent.
    """
    if event.get("tab") == "messages":
        await _suggest(interaction, str(event.get("channel") or ""))
    elif event.get("tab") == "home":
        workspace, scope = interaction.workspace, interaction.scope
        build = partial(home_screen, services, workspace, scope, listing_of(event.get("view")))
        await publish(services, workspace, scope, Shown(build))


async def followed(services: Services) -> None:
    """Show on home tabs what is stored, whenever that was changed."""
    with services.bot.panel.watched(services.homes.changed):
        while True:
            for scope in await services.homes.due():
                services.tasks.start("slack home tab", refreshed(services, scope))


async def refreshed(services: Services, scope: Scope) -> None:
    """Show what is stored by now on a person's home tab, if it is different."""
    if services.homes.get(scope) is None:
        return
    try:
        workspace = await services.workspaces.of(scope.guild_id)

        async def build() -> Screen:
            home = services.homes.get(scope)  # now that it is its turn: a page may have been turned meanwhile
            return await home_screen(services, workspace, scope, listing_from(home.metadata if home else ""))

        await patiently(partial(publish, services, workspace, scope, Shown(build), even_if_same=False))
    except BotError as error:
        log.warning("a home tab was not brought up to date: %s", error)


async def _suggest(interaction: Interaction, channel_id: str) -> None:
    prompts = [{"title": prompt.title, "message": prompt.message} for prompt in PROMPTS]
    try:
        with our_errors("suggested prompts"):
            await interaction.client.assistant_threads_setSuggestedPrompts(channel_id=channel_id, prompts=prompts)
    except PlatformError as error:  # an app without the agent view works all the same
        log.info("no prompts are suggested: %s", error)
