"""What a guild's admins chose, within what the operator allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.config import LimitsSettings, MemorySettings, OpenAISettings
from bot.errors import SettingRefused
from bot.events import PlatformLimits
from bot.store.ledger import Ledger
from bot.types import Policy

MAX_PERSONA_CHARACTERS = 2000
"""Longest persona; more would crowd memories out of a small prompt."""

MAX_CHANNELS = 500
"""Most channels of one list; Discord has no more in a server: https://discord.com/developers/docs/resources/guild."""

_MOST_DAYS = 36_500  # as [memory] retention_days


class Policies:
    """The policies of all guilds.

    Attributes:
        models: those that may be chosen, the usual one first.
        allowed_tokens_per_day: most tokens of the chat model that a guild may use a day.

    Args:
        platform_limits: by the name of platforms that have limits of their own.
    """

    def __init__(
        self,
        ledger: Ledger,
        openai: OpenAISettings,
        memory: MemorySettings,
        limits: LimitsSettings,
        platform_limits: Mapping[str, PlatformLimits],
    ) -> None:
        self.models = (openai.model, *openai.more_models)
        self._ledger = ledger
        self._retention_days = memory.retention_days
        self.allowed_tokens_per_day = limits.tokens_per_day_per_guild
        self._platform_limits = platform_limits

    async def of(self, platform: str, guild_id: str) -> Policy:
        """Return what a guild's admins chose; the defaults when they never chose.

        What the operator does not allow any more, or allows less of, is left to the operator.

        Raises:
            StoreError: it could not be read.
        """
        policy = await self._ledger.policy(platform, guild_id)
        allowed_days = self.allowed_days(platform)
        return replace(
            policy,
            model=policy.model if policy.model in self.models else "",
            retention_days=policy.retention_days if not allowed_days or policy.retention_days < allowed_days else 0,
            tokens_per_day=policy.tokens_per_day if policy.tokens_per_day <= self.allowed_tokens_per_day else 0,
        )

    async def retention_days(self, platform: str, guild_id: str) -> int:
        """Return after how many days without use a guild's memories go; 0 when they stay.

        Raises:
            StoreError: it could not be read.
        """
        return (await self.of(platform, guild_id)).retention_days or self.allowed_days(platform)

    async def tokens_per_day(self, platform: str, guild_id: str) -> int:
        """Return how many tokens of the chat model a guild may use a day.

        Raises:
            StoreError: it could not be read.
        """
        return (await self.of(platform, guild_id)).tokens_per_day or self.allowed_tokens_per_day

    async def set(self, platform: str, guild_id: str, policy: Policy) -> None:
        """Keep what a guild's admins chose. Whether it is an admin who chooses, the adapter knows.

        Raises:
            SettingRefused: the operator does not allow the model, or a number is out of range; nothing is changed.
            StoreError: it could not be written.
        """
        self._check(policy, self.allowed_days(platform) or _MOST_DAYS)
        await self._ledger.set_policy(platform, guild_id, policy)

    def _check(self, policy: Policy, most_days: int) -> None:
        if policy.model and policy.model not in self.models:
            raise SettingRefused("model", f"is {policy.model}, expected one of {', '.join(self.models)}")
        if not 0 <= policy.retention_days <= most_days:
            found = f"is {policy.retention_days} days"
            raise SettingRefused("retention", f"{found}, expected 1 to {most_days}, or default")
        most_tokens = self.allowed_tokens_per_day
        if not 0 <= policy.tokens_per_day <= most_tokens:
            found = f"is {policy.tokens_per_day} tokens a day"
            raise SettingRefused("budget", f"{found}, expected 1 to {most_tokens}, or default")
        if len(policy.persona) > MAX_PERSONA_CHARACTERS:
            found = f"has {len(policy.persona)} characters"
            raise SettingRefused("persona", f"{found}, expected at most {MAX_PERSONA_CHARACTERS}")
        for name in ("channels", "listening", "strict"):
            if (count := len(getattr(policy, name))) > MAX_CHANNELS:
                raise SettingRefused(name, f"has {count} channels, expected at most {MAX_CHANNELS}")

    def allowed_days(self, platform: str) -> int:
        """Return after how many days memories go at the latest, by the operator or the platform; 0 without a limit."""
        of_platform = self._platform_limits.get(platform, PlatformLimits()).memory_days
        return min(filter(None, (self._retention_days, of_platform)), default=0)
