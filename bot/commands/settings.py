"""The settings of a guild by name: how each is shown, and changed by an admin's words. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.errors import InputError
from bot.types import WORKSPACES, Policy

_CHANNEL = re.compile(r"<#([A-Za-z0-9]+)(?:\|[^>]*)?>|#?([A-Za-z]*[0-9][A-Za-z0-9]*)")
"""A channel as Discord and Slack write a link to it, or its id. Ids hold digits: a name must not be taken for one."""

_FROM_THE_LIST = "channels from the list that shows while you type #, or their ids, or {none}"

CHANNEL_SETTINGS = frozenset({"channels", "listening", "strict"})
"""The settings that take links to channels, which have to arrive as their platform writes them."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What the operator allows, and what holds here."""

    models: tuple[str, ...]
    retention_days: int
    tokens_per_day: int


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    how: what an admin may say. show: what holds, as a sentence. change: a policy with it as an admin says.
    expected: what an admin is told who said something else; `how` when empty.
    """

    name: str
    how: str
    show: Callable[[Policy, Offer], str]
    change: Callable[[Policy, str], Policy]
    expected: str = ""

    def changed(self, policy: Policy, value: str) -> Policy:
        """Return a policy with this setting as said.

        Raises:
            InputError: what was found and what was expected.
        """
        try:
            return self.change(policy, value)
        except ValueError as error:
            expected = self.expected or self.how
            raise InputError(f"{self.name} is {value}, expected {expected}; nothing was changed") from error

    def shown(self, policy: Policy, offer: Offer) -> str:
        """Return what holds."""
        return f"{self.name}: {self.show(policy, offer)}"

    def explained(self, policy: Policy, offer: Offer) -> str:
        """Return what holds, and how to change it."""
        return f"{self.shown(policy, offer)}\n  /settings {self.name} {self.how}"


def _switch(value: str) -> bool:
    if value.casefold() not in ("on", "off"):
        raise ValueError
    return value.casefold() == "on"


def _channels(value: str, none: str) -> frozenset[str]:
    """The channels of a list; a word such as "all" or "none" stands for the empty one."""
    if value.casefold() == none:
        return frozenset()
    found = [_CHANNEL.fullmatch(word) for word in value.replace(",", " ").split()]
    if not all(found):
        raise ValueError
    return frozenset(match[1] or match[2] for match in found if match)


def _number(value: str) -> int:
    digits = value.replace(",", "")
    if digits == "default":
        return 0
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 12 or int(digits) == 0:
        raise ValueError
    return int(digits)


def _words(value: str) -> str:
    return "" if value.casefold() == "default" else value


def _on(on: bool) -> str:
    return "on" if on else "off"


def _links(ids: frozenset[str]) -> str:
    return " ".join(f"<#{one}>" for one in sorted(ids))


def _answers(policy: Policy, _: Offer) -> str:
    return f"I answer in {_links(policy.channels)} only" if policy.channels else "I answer everywhere"


def _listens(policy: Policy, _: Offer) -> str:
    if not policy.listening:
        return "I keep nothing that is not addressed to me"
    where = f"in {_links(policy.listening)} I also keep what is not addressed to me"
    return f"{where}, of people whom I told what I keep, and who did not opt out"


def _mentioned(policy: Policy, _: Offer) -> str:
    if not policy.strict:
        return "in threads that I take part in, I answer without being mentioned"
    return f"in threads of {_links(policy.strict)} I answer only when I am mentioned"


def _model(policy: Policy, offer: Offer) -> str:
    return f"I use {policy.model or 'the default model'} (to choose from: {', '.join(offer.models)})"


def _persona(policy: Policy, _: Offer) -> str:
    return f"I am told this: {policy.persona}" if policy.persona else "I speak as whoever runs me chose"


def _stay(_: Policy, offer: Offer) -> str:
    if not offer.retention_days:
        return "memories stay until they are erased"
    days = "a day" if offer.retention_days == 1 else f"{offer.retention_days:,} days"
    return f"memories that I have not used for {days} go, unless they are pinned"


_EVERY = (
    Setting(
        "channels",
        "#channel … | all",
        _answers,
        lambda policy, value: replace(policy, channels=_channels(value, "all")),
        _FROM_THE_LIST.format(none="all"),
    ),
    Setting(
        "listening",
        "#channel … | none",
        _listens,
        lambda policy, value: replace(policy, listening=_channels(value, "none")),
        _FROM_THE_LIST.format(none="none"),
    ),
    Setting(
        "strict",
        "#channel … | none",
        _mentioned,
        lambda policy, value: replace(policy, strict=_channels(value, "none")),
        _FROM_THE_LIST.format(none="none"),
    ),
    Setting(
        "shared-notes",
        "on | off",
        lambda policy, _: f"notes for everyone are {_on(policy.shared_notes)}",
        lambda policy, value: replace(policy, shared_notes=_switch(value)),
    ),
    Setting(
        "outsiders",
        "on | off",
        lambda policy, _: f"remembering guests is {_on(policy.outsiders)}",
        lambda policy, value: replace(policy, outsiders=_switch(value)),
    ),
    Setting(
        "model",
        "NAME | default",
        _model,
        lambda policy, value: replace(policy, model=_words(value)),
    ),
    Setting(
        "persona",
        "TEXT | default",
        _persona,
        lambda policy, value: replace(policy, persona=_words(value)),
    ),
    Setting(
        "retention",
        "DAYS | default",
        _stay,
        lambda policy, value: replace(policy, retention_days=_number(value)),
    ),
    Setting(
        "budget",
        "TOKENS | default",
        lambda _, offer: f"I use at most {offer.tokens_per_day:,} tokens a day",
        lambda policy, value: replace(policy, tokens_per_day=_number(value)),
    ),
)

_OF_WORKSPACES = frozenset({"outsiders"})
"""Settings about guests, whom only some platforms have."""


def settings_of(platform: str) -> Mapping[str, Setting]:
    """Return the settings that a guild of a platform has, by name, in the order in which they are shown."""
    passed_over = frozenset() if platform in WORKSPACES else _OF_WORKSPACES
    return {setting.name: setting for setting in _EVERY if setting.name not in passed_over}
