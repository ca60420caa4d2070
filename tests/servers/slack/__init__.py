"""A local server that speaks Slack's Web API, Socket Mode and signed HTTP, and refuses what Slack refuses.

In tests: `async with SlackServer() as server`, then `server.api_base`, `server.bot_token`, `server.app_token`; people
come from `server.team.add_person`, faults from `server.will(method, ...)`.
For a person: `python -m tests.servers.slack --port 8002`.
"""

from tests.servers.slack.calls import Request
from tests.servers.slack.deliveries import Ack, Timing
from tests.servers.slack.faults import Behaviour, error, hang, lose_answer, properly, rate_limited, slow, status
from tests.servers.slack.http_mode import Forgery, Posted
from tests.servers.slack.interactions import Use
from tests.servers.slack.mentions import Ping
from tests.servers.slack.nouns import Channel, File, Grant, Message, Team, View
from tests.servers.slack.people import Person
from tests.servers.slack.server import SlackServer

__all__ = [
    "Ack",
    "Behaviour",
    "Channel",
    "File",
    "Forgery",
    "Grant",
    "Message",
    "Person",
    "Ping",
    "Posted",
    "Request",
    "SlackServer",
    "Team",
    "Timing",
    "Use",
    "View",
    "error",
    "hang",
    "lose_answer",
    "properly",
    "rate_limited",
    "slow",
    "status",
]
