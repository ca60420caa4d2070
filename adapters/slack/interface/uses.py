"""One thing that people can use: a slash command, what can be said after the umbrella command, or a shortcut."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from adapters.slack.interface.gates import Gate
from adapters.slack.interface.interactions import Interaction
from adapters.slack.interface.responding import Response, Said, Work
from adapters.slack.services import Services


@dataclass(frozen=True, slots=True)
class Use:
    """What it does with the words that were typed after it, as Slack sends them; a shortcut has none.

    opens: the title of a modal that it is answered in; none when empty.
    """

    run: Callable[[Services, Interaction, str], Work]
    gate: Gate = Gate.ASKER
    opens: str = ""


Uses: TypeAlias = Mapping[str, Use]


async def used(use: Use, services: Services, interaction: Interaction, words: str = "") -> Response:
    """Do what it is for, if its gate opens; what is used belongs to whoever uses it."""
    refusal = await use.gate.refusal(services, interaction, interaction.user_id)
    return Said(refusal) if refusal else await use.run(services, interaction, words)
