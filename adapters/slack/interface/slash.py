"""The slash commands: what each takes, and which answer it gives; only whoever typed one sees it.

Slack has none in threads, where the same is said to the bot in words.
"""

from __future__ import annotations

import difflib

from adapters.slack.interface.commands import UMBRELLA
from adapters.slack.interface.exporting import export
from adapters.slack.interface.forget_view import forget
from adapters.slack.interface.gates import Gate
from adapters.slack.interface.interactions import Interaction, tell
from adapters.slack.interface.kit import actions
from adapters.slack.interface.list_presses import list_button
from adapters.slack.interface.marks import blocks_for
from adapters.slack.interface.memory_list import Listing, looked_for
from adapters.slack.interface.privacy_view import privacy
from adapters.slack.interface.responding import Response, Said
from adapters.slack.interface.settings_view import settings, usage
from adapters.slack.interface.uses import Use, Uses, used
from adapters.slack.reading import named_in, readable
from adapters.slack.services import Services
from bot.commands.parse import Command, kind, parse
from bot.commands.settings import CHANNEL_SETTINGS

_UNKNOWN = "I don't know “{name}”.{guess}"
_MOST_SAID = 20  # characters of an unknown name that are repeated


async def _remember(services: Services, interaction: Interaction, words: str) -> Response:
    command = await _command(services, interaction, "remember", words)
    options = tuple(command.options.items())
    told = await tell(services, interaction, "remember", command.argument, options=options)
    marks = blocks_for(told.end, interaction.user_id, interaction.source_id, services)
    return Said(told.whole, marks)


async def _forget(services: Services, interaction: Interaction, words: str) -> Response:
    return await forget(services, interaction, await _typed(services, interaction, words))


async def _memories(services: Services, interaction: Interaction, words: str) -> Response:
    command = await _command(services, interaction, "memories", words)
    listing = Listing(kind(command.options), words=looked_for(command.argument))
    options = tuple(command.options.items())
    told = await tell(services, interaction, "memories", command.argument, options=options)
    return Said(told.whole, [actions(list_button(interaction.user_id, listing))])


async def _umbrella(services: Services, interaction: Interaction, words: str) -> Response:
    name, _, rest = words.strip().partition(" ")
    name = name.casefold().removeprefix("/") or "help"
    use = _BY_NAME.get(name)
    if use is not None:
        return await used(use, services, interaction, rest.strip())
    near = difflib.get_close_matches(name, _BY_NAME, n=1)
    guess = f" Did you mean /{near[0]}?" if near else ""
    unknown = _UNKNOWN.format(name=name[:_MOST_SAID], guess=guess)
    return Said(f"{unknown}\n{(await tell(services, interaction, 'help')).whole}")


async def _export(services: Services, interaction: Interaction, _: str) -> Response:
    return await export(services, interaction)


async def _privacy(services: Services, interaction: Interaction, words: str) -> Response:
    return await privacy(services, interaction, words)


async def _settings(services: Services, interaction: Interaction, words: str) -> Response:
    takes_links = words.partition(" ")[0].casefold() in CHANNEL_SETTINGS
    return await settings(services, interaction, words if takes_links else await _typed(services, interaction, words))


async def _usage(services: Services, interaction: Interaction, _: str) -> Response:
    return await usage(services, interaction)


def _plain(command: str) -> Use:
    """A command whose answer is a text and nothing else."""

    async def run(services: Services, interaction: Interaction, words: str) -> Response:
        text = await _typed(services, interaction, words)
        return Said((await tell(services, interaction, command, text)).whole)

    return Use(run)


async def _command(services: Services, interaction: Interaction, name: str, words: str) -> Command:
    """What was typed, with its options apart."""
    return parse(f"/{name} {await _typed(services, interaction, words)}") or Command(name)


async def _typed(services: Services, interaction: Interaction, words: str) -> str:
    """What was typed as a person reads it: mentions arrive as ids, with the name beside them or without."""
    return readable(words, await services.directory.names(interaction.workspace, *named_in(words)))


_OWN: Uses = {
    "remember": Use(_remember),
    "forget": Use(_forget),
    "memories": Use(_memories),
}

SUBCOMMANDS: Uses = {
    **{name: _plain(name) for name in ("help", "recall", "why", "pause", "resume", "new", "undo")},
    "export": Use(_export),
    "privacy": Use(_privacy),
    "settings": Use(_settings, Gate.ADMIN),
    "usage": Use(_usage, Gate.ADMIN),
}
"""By what is said after the umbrella command."""

_BY_NAME: Uses = {**SUBCOMMANDS, **_OWN}

COMMANDS: Uses = {**_OWN, UMBRELLA: Use(_umbrella)}
"""By the name of the slash command, without slash and prefix."""
