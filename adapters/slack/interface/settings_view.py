"""What the admins of a workspace chose, as a form, and how much the bot is used there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from adapters.shown_policy import changed_only, digests
from adapters.slack.interface.feedback import feedback_line
from adapters.slack.interface.forms import Filed, Form, Forms, Submission
from adapters.slack.interface.gates import Gate
from adapters.slack.interface.interactions import Interaction, tell
from adapters.slack.interface.kit import Block, actions, choose_channels, choose_one, field, line, ticks
from adapters.slack.interface.presses import Press, Verb, Verbs, button
from adapters.slack.interface.responding import Response, Said, Shown
from adapters.slack.interface.screens import Screen
from adapters.slack.interface.unseen import unseen
from adapters.slack.services import PLATFORM, Services
from bot.errors import SettingRefused
from bot.policies import MAX_PERSONA_CHARACTERS, Policies
from bot.types import Policy

TITLE = "Settings"

_CALLBACK = "settings"
_USUAL = "usual"
_SHARED_NOTES, _OUTSIDERS = "shared_notes", "outsiders"
_DIGITS = 12

_LISTENING = (
    "Where I listen I also keep what is not addressed to me, "
    "of people whom I told what I keep, and who did not opt out."
)
_HIDDEN = "Here and below, private channels that you are not in stay chosen."
_WHOLE = "A whole number, or nothing for what whoever runs me chose."
_UP_TO = "A whole number up to {most:,}, which whoever runs me allows, or nothing for that."
_STAY = "A whole number, or nothing: they stay."


async def settings(services: Services, interaction: Interaction, words: str = "") -> Response:
    """Return what is in force, and the button that opens the form; or what a change in words led to."""
    told = await tell(services, interaction, "settings", words)
    return Said(told.whole, [actions(button("settings", interaction.user_id, label="Change settings"))])


async def usage(services: Services, interaction: Interaction) -> Response:
    """Return how much the bot is used in the workspace; never what for."""
    told = await tell(services, interaction, "usage")
    judged = await feedback_line(services, interaction.scope.guild_id)
    return Said("\n".join(filter(None, [told.whole, judged])))


async def _settings(press: Press) -> Response:
    guild_id = press.interaction.scope.guild_id

    async def build() -> Screen:
        policy = await press.services.bot.policies.of(PLATFORM, guild_id)
        shown = json.dumps(digests(policy))
        return Screen(TITLE, _fields(press.services, policy), shown, _CALLBACK, submit="Save", close="Cancel")

    return Shown(build)


async def _usage(press: Press) -> Response:
    return await usage(press.services, press.interaction)


def _fields(services: Services, policy: Policy) -> list[Block]:
    return [*_places(policy), *_people(policy), *_answers(services, policy), *_limits(services.bot.policies, policy)]


def _places(policy: Policy) -> Iterator[Block]:
    answers = choose_channels("channels", policy.channels, "Everywhere")
    yield field("channels", "Answer in", answers, hint=_HIDDEN, optional=True)
    listens = choose_channels("listening", policy.listening, "Nowhere")
    yield field("listening", "Listen in", listens, hint=_LISTENING, optional=True)
    strict = choose_channels("strict", policy.strict, "Nowhere")
    yield field("strict", "In threads, answer only when mentioned, in", strict, optional=True)


def _people(policy: Policy) -> Iterator[Block]:
    choices = (
        (_SHARED_NOTES, "Notes for everyone, which name their author"),
        (_OUTSIDERS, "Remember guests and people of other companies too"),
    )
    chosen = [name for name, on in ((_SHARED_NOTES, policy.shared_notes), (_OUTSIDERS, policy.outsiders)) if on]
    yield field("people", "Who and what", ticks("people", choices, chosen), optional=True)


def _answers(services: Services, policy: Policy) -> Iterator[Block]:
    models = [
        (_USUAL, f"The usual one: {services.bot.openai.model}"),
        *((one, one) for one in services.bot.policies.models),
    ]
    yield field("model", "Model", choose_one("model", models, policy.model or _USUAL))
    persona = line(
        "persona", policy.persona, hint="How I speak and behave here", most=MAX_PERSONA_CHARACTERS, long=True
    )
    yield field("persona", "Persona", persona, optional=True)


def _limits(policies: Policies, policy: Policy) -> Iterator[Block]:
    days, tokens = policies.allowed_days(PLATFORM), policies.allowed_tokens_per_day
    for name, label, number, most in (
        ("retention", "Days until a memory that is not used goes", policy.retention_days, days),
        ("budget", "Tokens a day", policy.tokens_per_day, tokens),
    ):
        hint = _UP_TO.format(most=most) if most else _STAY
        yield field(name, label, line(name, str(number or ""), most=_DIGITS), hint=hint, optional=True)


async def _saved(submission: Submission) -> Filed:
    """Keep what was changed in the form; what others changed meanwhile stays."""
    numbers = {name: submission.text(name) for name in ("retention", "budget")}
    if wrong := {name: _WHOLE for name, text in numbers.items() if text and not _is_whole(text)}:
        return Filed(wrong)
    policies, guild_id = submission.services.bot.policies, submission.interaction.scope.guild_id
    current = await policies.of(PLATFORM, guild_id)
    sent = await _with_unseen(submission, current, _sent(submission, current))
    shown = json.loads(submission.metadata or "{}")
    try:
        await policies.set(PLATFORM, guild_id, changed_only(current, sent, shown))
    except SettingRefused as error:
        return Filed({error.setting: str(error)})
    return Filed()


def _sent(submission: Submission, current: Policy) -> Policy:
    model, people = submission.text("model"), submission.chosen("people")
    return replace(
        current,
        channels=submission.chosen("channels"),
        listening=submission.chosen("listening"),
        strict=submission.chosen("strict"),
        shared_notes=_SHARED_NOTES in people,
        outsiders=_OUTSIDERS in people,
        model="" if model == _USUAL else model,
        persona=submission.text("persona"),
        retention_days=int(submission.text("retention") or 0),
        tokens_per_day=int(submission.text("budget") or 0),
    )


async def _with_unseen(submission: Submission, current: Policy, sent: Policy) -> Policy:
    """What was sent, with the channels that the list may not have shown: Slack leaves out what somebody cannot see."""
    channels, listening = current.channels - sent.channels, current.listening - sent.listening
    strict = current.strict - sent.strict
    kept = await unseen(submission.services, submission.interaction, channels | listening | strict)
    return replace(
        sent,
        channels=sent.channels | (channels & kept),
        listening=sent.listening | (listening & kept),
        strict=sent.strict | (strict & kept),
    )


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdecimal()


VERBS: Verbs = {
    "settings": Verb(_settings, Gate.ADMIN, opens=TITLE),
    "usage": Verb(_usage, Gate.ADMIN, opens="Usage"),
}

FORMS: Forms = {_CALLBACK: Form(_saved, Gate.ADMIN)}
