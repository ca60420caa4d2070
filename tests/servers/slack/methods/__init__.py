"""The methods of the Web API, a table for each family. To add one: a function and its row, in the family's file."""

from __future__ import annotations

from tests.servers.slack.calls import Method
from tests.servers.slack.methods import agents, apps, chat, conversations, files, users, views

METHODS: dict[str, Method] = {
    **agents.METHODS,
    **apps.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **users.METHODS,
    **views.METHODS,
}
