"""Who may use a command, button or form: one gate before each, asked anew every time."""

from __future__ import annotations

from enum import Enum

from adapters.slack.interface.interactions import Interaction, asker
from adapters.slack.services import Services

NOT_YOURS = "That is somebody else's to press."
ADMINS_ONLY = "Only admins of this workspace can do that."
_UNKNOWN = "Only admins can do that, and Slack does not say just now whether you are one. Please try again in a moment."


class Gate(Enum):
    """To whom it opens."""

    ASKER = "whoever asks, for what is theirs"
    OWNER = "the one person whose button or form it is"
    ADMIN = "its owner, while they are an admin or owner of the workspace"

    async def refusal(self, services: Services, interaction: Interaction, owner_id: str) -> str:
        """Return why somebody may not pass; empty when they may."""
        if interaction.user_id != owner_id:
            return NOT_YOURS
        if self is not Gate.ADMIN:
            return ""
        person = await asker(services, interaction)
        if not person.is_known:
            return _UNKNOWN
        return "" if person.is_admin else ADMINS_ONLY
