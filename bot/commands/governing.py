"""Commands by which a guild's admins see and change its settings, and see how much the bot is used."""

from __future__ import annotations

from datetime import date, timedelta

from bot.commands.call import Answer, Call
from bot.commands.settings import Offer, settings_of
from bot.config import OpenAISettings
from bot.errors import InputError
from bot.policies import Policies
from bot.protocols import Clock, Usage
from bot.store.census import guild_census
from bot.store.database import Database
from bot.store.ledger import Ledger, Tally
from bot.types import DM_GUILD, Policy, Scope

_DAYS = 30
_NOT_ADMIN = "Only admins can do that here."
_NO_GUILD = "That is about a server, and there is none here; give the command in one."


class Governing:
    """Commands for admins. Whether somebody is one, the platform says.

    Args:
        openai: whose models, and at what price.
    """

    def __init__(
        self, policies: Policies, ledger: Ledger, database: Database, openai: OpenAISettings, clock: Clock
    ) -> None:
        self._policies = policies
        self._ledger = ledger
        self._database = database
        self._openai = openai
        self._clock = clock

    async def settings(self, call: Call) -> Answer:
        """/settings, or /settings NAME VALUE"""
        if refusal := _refusal(call):
            return Answer(refusal)
        policy, offer = await self._in_force(call.scope)
        settings = settings_of(call.scope.platform)
        name, _, value = call.command.argument.partition(" ")
        if not name:
            return Answer("\n".join(setting.explained(policy, offer) for setting in settings.values()))
        setting = settings.get(name.casefold())
        if setting is None:
            raise InputError(f"there is no setting {name}; there are {', '.join(settings)}")
        if not value.strip():
            return Answer(setting.explained(policy, offer))
        changed = setting.changed(policy, value.strip())
        await self._policies.set(call.scope.platform, call.scope.guild_id, changed)
        return Answer(f"From now on, {setting.shown(*await self._in_force(call.scope))}")

    async def usage(self, call: Call) -> Answer:
        """/usage: counts and cost, never contents."""
        if refusal := _refusal(call):
            return Answer(refusal)
        today = self._clock().date()
        people, memories = await guild_census(self._database, call.scope.platform, call.scope.guild_id)
        return Answer(
            "\n".join(
                [
                    f"Today: {await self._since(call.scope, today)}",
                    f"{_DAYS} days: {await self._since(call.scope, today - timedelta(days=_DAYS - 1))}",
                    f"Left of today's budget: {await self._left(call.scope, today):,} tokens",
                    f"People with memories: {people:,}; memories: {memories:,}",
                ]
            )
        )

    async def _in_force(self, scope: Scope) -> tuple[Policy, Offer]:
        guild = (scope.platform, scope.guild_id)
        offer = Offer(
            models=self._policies.models,
            retention_days=await self._policies.retention_days(*guild),
            tokens_per_day=await self._policies.tokens_per_day(*guild),
        )
        return await self._policies.of(*guild), offer

    async def _since(self, scope: Scope, day: date) -> str:
        tally = await self._ledger.tally(scope.platform, scope.guild_id, day)
        tokens = f"{tally.usage.prompt_tokens:,} tokens in, {tally.usage.completion_tokens:,} out"
        messages = "1 message" if tally.answers == 1 else f"{tally.answers:,} messages"
        return f"{messages} answered; {tokens}{self._cost(tally)}"

    def _cost(self, tally: Tally) -> str:
        if not (self._openai.prompt_price or self._openai.completion_price):
            return ""
        usage = tally.usage
        million_times = (
            usage.prompt_tokens * self._openai.prompt_price + usage.completion_tokens * self._openai.completion_price
        )
        return f"; cost {million_times / 1e6:,.2f}"

    async def _left(self, scope: Scope, day: date) -> int:
        used, reserved = await self._ledger.usage(scope.platform, scope.guild_id, day)
        ceiling = await self._policies.tokens_per_day(scope.platform, scope.guild_id)
        return max(ceiling - _total(used) - reserved, 0)


def _total(usage: Usage) -> int:
    return usage.prompt_tokens + usage.completion_tokens


def _refusal(call: Call) -> str:
    if call.scope.guild_id == DM_GUILD:
        return _NO_GUILD
    return "" if call.admin else _NOT_ADMIN
