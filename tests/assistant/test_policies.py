"""What a guild's admins may choose, within what the operator allows, by then and by now."""

from __future__ import annotations

import pytest

from bot.errors import SettingRefused
from bot.policies import MAX_CHANNELS, MAX_PERSONA_CHARACTERS, Policies
from bot.types import Policy
from tests.assistant.talking import House

GUILD = ("discord", "guild")
CHOSEN = Policy(
    channels=frozenset({"1"}),
    listening=frozenset({"2"}),
    strict=frozenset({"3"}),
    shared_notes=False,
    outsiders=True,
    model="other",
    persona="A pirate",
    retention_days=30,
    tokens_per_day=1000,
)


@pytest.fixture
def house(alone: House) -> House:
    """An operator who allows one more model, a year, and 5,000 tokens a day."""
    return alone.changed(
        openai={"more_models": ("other",)}, memory={"retention_days": 365}, limits={"tokens_per_day_per_guild": 5000}
    )


async def test_a_choice_holds_for_its_guild_alone(house: House) -> None:
    """Every field comes back; a guild that never chose has the defaults."""
    async with house.opened() as talk:
        policies = talk.app.policies
        await policies.set(*GUILD, CHOSEN)

        assert await policies.of(*GUILD) == CHOSEN
        assert await policies.of("discord", "other guild") == Policy()
        assert [await policies.retention_days("discord", guild) for guild in ("guild", "other guild")] == [30, 365]
        assert [await policies.tokens_per_day("discord", guild) for guild in ("guild", "other guild")] == [1000, 5000]


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (Policy(model="gpt-huge"), "model is gpt-huge, expected one of local, other"),
        (Policy(retention_days=366), "retention is 366 days, expected 1 to 365, or default"),
        (Policy(retention_days=-1), "retention is -1 days"),
        (Policy(tokens_per_day=5001), "budget is 5001 tokens a day, expected 1 to 5000, or default"),
        (Policy(tokens_per_day=-1), "budget is -1 tokens"),
        (Policy(persona="x" * (MAX_PERSONA_CHARACTERS + 1)), "persona has 2001 characters, expected at most 2000"),
        (Policy(strict=frozenset(map(str, range(MAX_CHANNELS + 1)))), "strict has 501 channels, expected at most 500"),
    ],
)
async def test_what_is_not_allowed_changes_nothing(house: House, policy: Policy, said: str) -> None:
    """It is refused with what was found and what was expected, and the earlier choice holds."""
    async with house.opened() as talk:
        await talk.app.policies.set(*GUILD, CHOSEN)

        with pytest.raises(SettingRefused, match=said) as refused:
            await talk.app.policies.set(*GUILD, policy)

        assert refused.value.setting == said.partition(" ")[0]
        assert await talk.app.policies.of(*GUILD) == CHOSEN


async def test_what_the_operator_allows_no_more_is_left_to_them(house: House) -> None:
    """After the operator allowed less, their own values hold, and what was chosen otherwise stays."""
    async with house.opened() as talk:
        await talk.app.policies.set(*GUILD, CHOSEN)
    stricter = house.changed(
        openai={"more_models": ()}, memory={"retention_days": 7}, limits={"tokens_per_day_per_guild": 500}
    )
    async with stricter.opened() as talk:
        policy = await talk.app.policies.of(*GUILD)

        assert (policy.model, policy.retention_days, policy.tokens_per_day) == ("", 0, 0)
        assert (policy.persona, policy.channels) == ("A pirate", frozenset({"1"}))
        assert await talk.app.policies.retention_days(*GUILD) == 7
        assert await talk.app.policies.tokens_per_day(*GUILD) == 500


async def test_where_memories_stay_admins_may_let_them_go(alone: House) -> None:
    """An operator without a time leaves any number of days to the admins."""
    async with alone.opened() as talk:
        policies: Policies = talk.app.policies
        await policies.set(*GUILD, Policy(retention_days=36_500))

        assert await policies.retention_days(*GUILD) == 36_500
        assert await policies.retention_days("discord", "other guild") == 0
        with pytest.raises(SettingRefused, match="expected 1 to 36500"):
            await policies.set(*GUILD, Policy(retention_days=36_501))
