"""A local server that speaks Discord's REST and gateway, refuses what Discord refuses and fails on demand.

In tests: `async with DiscordServer() as server`, then guilds and people talk; a bot connects to `server.api_base`
and `server.gateway_url`. For a person: `python -m tests.servers.discord --port 8002`.
"""

from tests.servers.discord.interactions import Use
from tests.servers.discord.nouns import Channel, Guild, Member, Message, Role, Said
from tests.servers.discord.people import Person
from tests.servers.discord.server import DiscordServer
from tests.servers.discord.wire import Impossible

__all__ = ["Channel", "DiscordServer", "Guild", "Impossible", "Member", "Message", "Person", "Role", "Said", "Use"]
