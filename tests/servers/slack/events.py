"""The Events API: who is subscribed to what, and the envelope that events travel in."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers.slack import payloads
from tests.servers.slack.deliveries import EVENT, Delivery
from tests.servers.slack.scopes import EVENTS, MESSAGE_EVENTS
from tests.servers.slack.wire import Json

if TYPE_CHECKING:
    from tests.servers.slack.nouns import Channel, Message, Team
    from tests.servers.slack.server import SlackServer

LAST_WORDS = frozenset({"app_uninstalled", "tokens_revoked"})
"""Events that arrive although the token is dead already."""


@dataclass
class Events:
    """Turns what happens into deliveries, as far as the app is subscribed, granted and present."""

    server: SlackServer = field(repr=False)

    async def announce(
        self, team: Team, subscription: str, event: Json, *, about: Message | None = None, where: Channel | None = None
    ) -> Delivery | None:
        """Send an event to the app if it may have it; return None if not."""
        if not self._is_due(team, subscription, where):
            return None
        event = {**event, "event_ts": event.get("event_ts") or self.server.ids.stamp()}
        payload = self._envelope(team, event, where)
        return await self.server.deliveries.send(Delivery(EVENT, payload, about))

    def _is_due(self, team: Team, subscription: str, where: Channel | None) -> bool:
        if subscription not in self.server.bot_events or team.grant is None:
            return False
        if subscription in LAST_WORDS:
            return True
        wanted = EVENTS[subscription]
        allowed = not team.grant.revoked and (not wanted or not team.grant.scopes.isdisjoint(wanted))
        return allowed and (where is None or where.has_bot)

    def _envelope(self, team: Team, event: Json, where: Channel | None) -> Json:
        is_org = team.grant is not None and team.grant.is_org
        authorization = {
            "enterprise_id": team.enterprise_id,
            "team_id": None if is_org else team.id,
            "user_id": team.bot.id,
            "is_bot": True,
            "is_enterprise_install": is_org,
        }
        envelope: Json = {
            "token": "verification",
            "team_id": team.id,
            "context_team_id": team.id,
            "context_enterprise_id": team.enterprise_id,
            "api_app_id": self.server.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": self.server.ids.next("Ev"),
            "event_time": int(self.server.clock.now()),
            "authorizations": [authorization],
            "is_ext_shared_channel": where is not None and where.ext_shared,
            "event_context": "4-context",
        }
        return {**envelope, "enterprise_id": team.enterprise_id} if team.enterprise_id else envelope

    async def said(self, message: Message) -> None:
        """Tell the app of a new message: as a mention, as a message, or both with one stamp."""
        channel, told = message.channel, payloads.message(message)
        place = {"channel": channel.id, "event_ts": message.ts}
        is_mention = channel.team.mention in message.text and not message.author.is_bot and channel.kind != "im"
        if is_mention and message.subtype in (None, "thread_broadcast"):
            mention = {**told, **place, "type": "app_mention"}
            await self.announce(channel.team, "app_mention", mention, about=message, where=channel)
        await self._message_event(channel, {**told, **place}, message)

    async def edited(self, message: Message, before: Json) -> None:
        """Tell the app that a message is different now; `before` is its JSON until then."""
        event = {"subtype": "message_changed", "message": payloads.message(message), "previous_message": before}
        await self._hidden(message, event)

    async def deleted(self, message: Message, before: Json) -> None:
        """Tell the app that a message is gone, or that a tombstone stands in its place, on which its thread hangs."""
        if any(reply.thread_ts == message.ts and reply is not message for reply in message.channel.visible):
            tombstone = {
                "subtype": "message_changed",
                "message": payloads.tombstone(message),
                "previous_message": before,
            }
            await self._hidden(message, tombstone)
            return
        event = {"subtype": "message_deleted", "deleted_ts": message.ts, "previous_message": before}
        await self._hidden(message, event)

    async def _hidden(self, message: Message, event: Json) -> None:
        ts = self.server.ids.stamp()
        told = {"type": "message", **event, "channel": message.channel.id, "hidden": True, "ts": ts, "event_ts": ts}
        await self._message_event(message.channel, told, message)

    async def _message_event(self, channel: Channel, event: Json, message: Message) -> None:
        told = {**event, "channel_type": channel.kind}
        await self.announce(channel.team, MESSAGE_EVENTS[channel.kind], told, about=message, where=channel)

    async def again(self, message: Message, times: int, new_event_ids: bool) -> None:
        """Send the events of a message again: as other events, or as retries of the same."""
        known = [sent for sent in self.server.deliveries.sent if sent.message is message]
        first = [sent for sent in known if sent.kind == EVENT and not sent.is_copy]
        for number in range(1, times + 1):
            for delivery in first:
                payload = deepcopy(delivery.payload)
                if new_event_ids:
                    payload["event_id"] = self.server.ids.next("Ev")
                copy = Delivery(EVENT, payload, message, is_copy=True)
                await self.server.deliveries.send(copy, first=0 if new_event_ids else number)
