"""What a person is told once, before anything of theirs is kept."""

from __future__ import annotations

_FIRST_CONTACT = (
    "I'm {name}, an AI. I remember what you tell me about yourself, for you alone. "
    "/memories shows it, /forget erases it, /privacy says more and lets you opt out."
)


def first_contact(name: str) -> str:
    """Return the notice of first contact.

    Args:
        name: the bot's.
    """
    return _FIRST_CONTACT.format(name=name)
