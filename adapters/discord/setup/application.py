"""What Discord says about the bot's application: its name, its switches, and how far it has spread."""

from __future__ import annotations

from dataclasses import dataclass

from discord import ApplicationFlags

from adapters.discord.setup.asking import DiscordApi, Json

_READS_MESSAGES = ApplicationFlags(gateway_message_content=True, gateway_message_content_limited=True).value
"""Flags that show the switch as on; the limited one is what it gives below Discord's review threshold."""


@dataclass(frozen=True, slots=True)
class Application:
    """The application behind a token, as `GET /applications/@me` describes it.

    in_servers, for_users: whether it may be added to servers, and to accounts. elsewhere: interactions go to a web
    address and not to the gateway. guilds, user_installs are Discord's own approximations.
    """

    id: str
    name: str
    reads_messages: bool
    in_servers: bool
    for_users: bool
    public: bool
    needs_code_grant: bool
    elsewhere: bool
    guilds: int
    user_installs: int

    @classmethod
    def read(cls, found: Json) -> Application:
        """Return what an answer says."""
        installs = found.get("integration_types_config") or {}
        return cls(
            id=str(found["id"]),
            name=str(found["name"]),
            reads_messages=bool(int(found.get("flags") or 0) & _READS_MESSAGES),
            in_servers="0" in installs or not installs,  # an application that never saw the page has servers alone
            for_users="1" in installs,
            public=bool(found.get("bot_public", True)),
            needs_code_grant=bool(found.get("bot_require_code_grant")),
            elsewhere=bool(found.get("interactions_endpoint_url")),
            guilds=int(found.get("approximate_guild_count") or 0),
            user_installs=int(found.get("approximate_user_install_count") or 0),
        )


async def application_of(api: DiscordApi) -> Application:
    """Return the application whose token the API was opened with.

    Raises:
        PlatformError: the token is not valid, or Discord is not reachable.
    """
    return await api.get("applications/@me", Application.read)
