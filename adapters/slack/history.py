"""What was said in a thread or channel, as Slack has it."""

from __future__ import annotations

from typing import Any

from adapters.slack.faults import our_errors
from adapters.slack.reading import Json
from adapters.slack.workspaces import Workspace

MOST = 200
"""Messages that are asked for; apps that are sold get 15 (https://docs.slack.dev/apis/web-api/rate-limits)."""

MOST_OF_THREAD = 999
"""As many as Slack gives at once (https://docs.slack.dev/reference/methods/conversations.replies): it begins with the
oldest, and what was said last is wanted."""


async def messages_of(
    workspace: Workspace,
    channel_id: str,
    thread_ts: str | None,
    *,
    limit: int = MOST,
    **bounds: Any,  # noqa: ANN401 - the library's own
) -> list[Json]:
    """Return messages of a thread, its first one included, or else of the channel, oldest first.

    Of a thread with more than the limit these are the oldest, of a channel the newest.

    Args:
        bounds: oldest, latest, inclusive, include_all_metadata, as Slack takes them.

    Raises:
        Gone, Refused, PlatformError: Slack does not tell, as where the app may read no history.
    """
    client = workspace.client
    with our_errors("a look at what was said"):
        if thread_ts is not None:
            told = await client.conversations_replies(channel=channel_id, ts=thread_ts, limit=limit, **bounds)
        else:
            told = await client.conversations_history(channel=channel_id, limit=limit, **bounds)
    return sorted((one for one in told.get("messages") or () if one.get("ts")), key=lambda one: str(one["ts"]))
