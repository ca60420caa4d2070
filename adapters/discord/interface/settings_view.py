"""/settings: what the admins of a server chose, saved at each choice and shown as it is then in force."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import discord
from discord.utils import escape_markdown

from adapters.discord.interface.forms import Field, form_of
from adapters.discord.interface.gates import Gate, Interaction
from adapters.discord.interface.presses import Press, Verb, Verbs, button, id_of, view_of
from adapters.discord.interface.responding import Changed, Opened, Response, Said
from adapters.discord.services import PLATFORM, Services
from adapters.shown_policy import changed_only, digests
from bot.errors import InputError
from bot.policies import MAX_PERSONA_CHARACTERS
from bot.types import Policy

_MOST_CHANNELS = 25  # that one list takes
_SHOWN = 10  # channels named in a line of text
_PERSONA_SHOWN = 300  # characters of it in the text; the form holds all

_LISTED = (discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.forum, discord.ChannelType.voice)

_WRITTEN = ("model", "persona", "retention_days", "tokens_per_day")  # what the form holds
_HEADING = "**How I work in this server.** What you choose is saved at once."
_LISTENING = (
    "-# Where I listen I also keep what is not addressed to me, of people whom I told what I keep, "
    "and who did not opt out."
)
_NOT_A_NUMBER = "{what} is a whole number, 0 for what whoever runs me chose. Nothing was changed."


async def settings(interaction: Interaction, services: Services) -> Response:
    """Return what is in force in the asker's server, with lists and buttons to change it."""
    shown = await _shown(interaction, services)
    return Said(shown.text or "", shown.view)


async def _shown(interaction: Interaction, services: Services) -> Changed:
    """What is in force, with the operator's choice where the server has none of its own."""
    guild = (PLATFORM, str(interaction.guild_id))
    policies = services.bot.policies
    policy, days, tokens = await asyncio.gather(
        policies.of(*guild), policies.retention_days(*guild), policies.tokens_per_day(*guild)
    )
    lines = [
        _HEADING,
        f"Answers in: {_channels(policy.channels, 'every channel I can see')}",
        f"Listens in: {_channels(policy.listening, 'no channel')}",
        f"In threads, answers only when mentioned: {_channels(policy.strict, 'in no channel')}",
        f"Shared notes: {'on' if policy.shared_notes else 'off'}",
        f"Model: {policy.model or _usual_model(services)}",
        f"Persona: {_persona(policy)}",
        f"Memories that nobody uses: {_stay(days)}{_whose(policy.retention_days, policies.allowed_days(PLATFORM))}",
        f"Tokens a day: {tokens:,}{_whose(policy.tokens_per_day, policies.allowed_tokens_per_day)}",
        _LISTENING,
    ]
    return Changed("\n".join(lines), _view(str(interaction.user.id), policy))


def _stay(days: int) -> str:
    return f"they go after {days:,} days" if days else "they stay"


def _whose(chosen: int, allowed: int) -> str:
    if not chosen:
        return ", as whoever runs me chose"
    return f", of {allowed:,} that whoever runs me allows" if allowed else ""


def _persona(policy: Policy) -> str:
    text = " ".join(policy.persona.split())
    cut = text if len(text) <= _PERSONA_SHOWN else f"{text[: _PERSONA_SHOWN - 1]}…"
    return escape_markdown(cut) or "the one that whoever runs me chose"


def _channels(ids: Collection[str], none: str) -> str:
    shown = [f"<#{one}>" for one in sorted(ids, key=int)]
    more = [f"{len(shown) - _SHOWN} more"] if len(shown) > _SHOWN else []
    return ", ".join([*shown[:_SHOWN], *more]) or none


def _usual_model(services: Services) -> str:
    return (
        f"{services.bot.openai.model}, as whoever runs me chose"
        if services.bot.openai.configured
        else "none, I answer from memory alone"
    )


def _view(owner: str, policy: Policy) -> discord.ui.View:
    notes = "Turn shared notes off" if policy.shared_notes else "Turn shared notes on"
    return view_of(
        _channel_list("answers", owner, policy.channels, "Answer only in … (none chosen: everywhere)"),
        _channel_list("listens", owner, policy.listening, "Listen in …"),
        _channel_list("strict", owner, policy.strict, "In threads of these, answer only when mentioned …"),
        button("notes", owner, int(not policy.shared_notes), label=notes),
        button("more", owner, label="Model, persona, limits"),
    )


def _channel_list(verb: str, owner: str, chosen: Collection[str], words: str) -> discord.ui.ChannelSelect[Any]:
    return discord.ui.ChannelSelect(
        custom_id=id_of(verb, owner),
        placeholder=words,
        channel_types=list(_LISTED),
        min_values=0,
        max_values=_MOST_CHANNELS,
        default_values=[discord.Object(int(one)) for one in sorted(chosen, key=int)[:_MOST_CHANNELS]],
    )


async def _current(press: Press) -> Policy:
    return await press.services.bot.policies.of(PLATFORM, str(press.interaction.guild_id))


async def _saved(interaction: Interaction, services: Services, policy: Policy) -> Response:
    """Keep a policy, and show what is then in force."""
    await services.bot.policies.set(PLATFORM, str(interaction.guild_id), policy)
    return await _shown(interaction, services)


async def _answers(press: Press) -> Response:
    current = await _current(press)
    policy = replace(current, channels=_changed(press, "answers", current.channels))
    return await _saved(press.interaction, press.services, policy)


async def _listens(press: Press) -> Response:
    current = await _current(press)
    policy = replace(current, listening=_changed(press, "listens", current.listening))
    return await _saved(press.interaction, press.services, policy)


async def _strict(press: Press) -> Response:
    current = await _current(press)
    policy = replace(current, strict=_changed(press, "strict", current.strict))
    return await _saved(press.interaction, press.services, policy)


def _changed(press: Press, verb: str, current: frozenset[str]) -> frozenset[str]:
    """A list with what was chosen and left out of it as it was shown.

    Others may have changed it meanwhile, and it may be longer than what Discord shows of it.
    """
    message, pressed = press.interaction.message, id_of(verb, press.owner_id)
    rows = [row for row in (message.components if message else ()) if isinstance(row, discord.ActionRow)]
    lists = [part for row in rows for part in row.children if isinstance(part, discord.SelectMenu)]
    shown = {str(one.id) for part in lists if part.custom_id == pressed for one in part.default_values}
    return (current - (shown - set(press.values))) | (set(press.values) - shown)


async def _notes(press: Press) -> Response:
    policy = replace(await _current(press), shared_notes=press.about[0] == "1")
    return await _saved(press.interaction, press.services, policy)


async def _more(press: Press) -> Response:
    policy, policies = await _current(press), press.services.bot.policies
    models = ", ".join((press.services.bot.openai.model, *press.services.bot.openai.more_models))
    fields = [
        Field("model", "Model", policy.model, f"Empty for the usual one. There is: {models}"[:100], most=100),
        Field(
            "persona", "Persona", policy.persona, "How I speak and behave here.", most=MAX_PERSONA_CHARACTERS, long=True
        ),
        Field(
            "retention",
            "Days until an unused memory goes",
            str(policy.retention_days),
            f"0: {_stay(policies.allowed_days(PLATFORM))}, as whoever runs me chose",
            most=6,
        ),
        Field(
            "tokens",
            "Tokens a day",
            str(policy.tokens_per_day),
            f"0: {policies.allowed_tokens_per_day:,}, as whoever runs me chose, which is also the most",
            most=10,
        ),
    ]
    shown = digests(policy)
    custom_id = id_of("limits", press.owner_id, *(shown[name] for name in _WRITTEN))
    return Opened(form_of("Model, persona, limits", custom_id, *fields))


async def _limits(press: Press) -> Response:
    current = await _current(press)
    sent = replace(
        current,
        model=press.written["model"],
        persona=press.written["persona"],
        retention_days=_whole("The number of days", press.written["retention"]),
        tokens_per_day=_whole("The number of tokens", press.written["tokens"]),
    )
    policy = changed_only(current, sent, dict(zip(_WRITTEN, press.about, strict=False)))
    return await _saved(press.interaction, press.services, policy)


def _whole(what: str, text: str) -> int:
    if text and not (text.isascii() and text.isdecimal()):
        raise InputError(_NOT_A_NUMBER.format(what=what))
    return int(text or 0)


VERBS: Verbs = {
    "answers": Verb(_answers, Gate.ADMIN),
    "listens": Verb(_listens, Gate.ADMIN),
    "strict": Verb(_strict, Gate.ADMIN),
    "notes": Verb(_notes, Gate.ADMIN),
    "more": Verb(_more, Gate.ADMIN),
    "limits": Verb(_limits, Gate.ADMIN),
}
