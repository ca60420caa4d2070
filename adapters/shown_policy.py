"""What a form showed of a guild's settings, so that sending it undoes nothing that other admins changed meanwhile.

A form carries a digest of each setting: the settings themselves are longer than what Discord and Slack give back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, replace

from bot.types import Policy

_DIGITS = 8


def digests(policy: Policy) -> dict[str, str]:
    """Return a few hexadecimal digits for the value of each field, by its name."""
    return {field.name: _digest(getattr(policy, field.name)) for field in fields(policy)}


def changed_only(current: Policy, sent: Policy, shown: Mapping[str, str]) -> Policy:
    """Return what is in force, with those fields of a form that was sent in which it differs from what it showed.

    Args:
        shown: the digests that the form carried.
    """
    changed = {name: getattr(sent, name) for name, digest in digests(sent).items() if digest != shown.get(name)}
    return replace(current, **changed)


def _digest(value: object) -> str:
    text = repr(sorted(value) if isinstance(value, frozenset) else value)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
