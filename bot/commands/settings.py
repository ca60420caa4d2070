"""The settings of a guild by name: how each is shown, and changed by an admin's words. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.errors import InputError
from bot.types import WORKSPACES, Policy

_CHANNEL = re.compile(r"<#([A-Za-z0-9]+)(?:\|[^>]*)?>|#?([A-Za-z]*[0-9][A-Za-z0-9]*)")
"""A channel as Discord and Slack write a link to it, or its id. Ids hold digits: a name must not be taken for one."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What the operator allows, and what holds here."""

    models: tuple[str, ...]
    retention_days: int
    tokens_per_day: int


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. show: what holds; change: a policy with it as an admin says; how: what they may say."""

    name: str
    how: str
    show: Callable[[Policy, Offer], str]
    change: Callable[[Policy, str], Policy]

    def changed(self, policy: Policy, value: str) -> Policy:
        """Return a policy with this setting as said.

        Raises:
            InputError: what was found and what was expected.
        """
        try:
            return self.change(policy, value)
        except ValueError as error:
            raise InputError(f"{self.name} is {value}, expected {self.how}; nothing was changed") from error

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


def _listed(ids: frozenset[str], none: str) -> str:
    """In which channels something holds, or a word for the empty list."""
    return f"in {' '.join(f'<#{one}>' for one in sorted(ids))}" if ids else none


_EVERY = (
    Setting(
        "channels",
        "#channel … | all",
        lambda policy, _: f"I answer {_listed(policy.channels, 'everywhere')}",
        lambda policy, value: replace(policy, channels=_channels(value, "all")),
    ),
    Setting(
        "listening",
        "#channel … | none",
        lambda policy, _: (
            "of people who were told what I keep, I remember statements that are not addressed to me "
            f"{_listed(policy.listening, 'nowhere')}"
        ),
        lambda policy, value: replace(policy, listening=_channels(value, "none")),
    ),
    Setting(
        "strict",
        "#channel … | none",
        lambda policy, _: f"I answer in threads only when I am mentioned {_listed(policy.strict, 'nowhere')}",
        lambda policy, value: replace(policy, strict=_channels(value, "none")),
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
        lambda policy, offer: f"{policy.model or 'default'}, of {', '.join(offer.models)}",
        lambda policy, value: replace(policy, model=_words(value)),
    ),
    Setting(
        "persona",
        "TEXT | default",
        lambda policy, _: policy.persona or "default",
        lambda policy, value: replace(policy, persona=_words(value)),
    ),
    Setting(
        "retention",
        "DAYS | default",
        lambda _, offer: f"{offer.retention_days:,} days unused" if offer.retention_days else "for ever",
        lambda policy, value: replace(policy, retention_days=_number(value)),
    ),
    Setting(
        "budget",
        "TOKENS | default",
        lambda _, offer: f"{offer.tokens_per_day:,} tokens a day",
        lambda policy, value: replace(policy, tokens_per_day=_number(value)),
    ),
)

_OF_WORKSPACES = frozenset({"outsiders"})
"""Settings about guests, whom only some platforms have."""


def settings_of(platform: str) -> Mapping[str, Setting]:
    """Return the settings that a guild of a platform has, by name, in the order in which they are shown."""
    passed_over = frozenset() if platform in WORKSPACES else _OF_WORKSPACES
    return {setting.name: setting for setting in _EVERY if setting.name not in passed_over}
