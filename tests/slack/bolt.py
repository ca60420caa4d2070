"""A real slack-bolt app that answers a little of everything, and the two ways to connect one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack import SlackServer
from tests.servers.slack.wire import Json

FORM: Json = {
    "type": "modal",
    "callback_id": "edit",
    "title": {"type": "plain_text", "text": "Edit"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "statement",
            "label": {"type": "plain_text", "text": "Statement"},
            "element": {"type": "plain_text_input", "action_id": "text", "initial_value": "likes tea"},
        }
    ],
}
BUTTON: Json = {
    "type": "actions",
    "elements": [
        {"type": "button", "action_id": "forget", "text": {"type": "plain_text", "text": "Forget"}, "value": "m1"}
    ],
}
FEEDBACK: Json = {
    "type": "context_actions",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "feedback",
            "positive_button": {"text": {"type": "plain_text", "text": "Good"}, "value": "good"},
            "negative_button": {"text": {"type": "plain_text", "text": "Bad"}, "value": "bad"},
        }
    ],
}


def make_app(server: SlackServer) -> tuple[AsyncApp, list[Json]]:
    """Return an app that answers a little of everything, and the list of the events that it gets."""
    client = AsyncWebClient(token=server.bot_token, base_url=server.api_base)
    app = AsyncApp(client=client, signing_secret=server.signing_secret)
    seen: list[Json] = []

    @app.event("app_mention")
    async def mentioned(event: Json, say: Callable[..., Awaitable[object]]) -> None:
        seen.append(event)
        await say(text="hello", thread_ts=event["ts"], unfurl_links=False, unfurl_media=False)

    @app.event({"type": "message"})
    async def heard(event: Json) -> None:
        seen.append(event)

    @app.event("app_home_opened")
    async def opened(event: Json, client: AsyncWebClient) -> None:
        seen.append(event)
        if event["tab"] == "home":
            await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [BUTTON]})

    _add_interactions(app, seen)
    return app, seen


def _add_interactions(app: AsyncApp, seen: list[Json]) -> None:
    @app.command("/remember")
    async def remember(ack: Callable[..., Awaitable[object]], respond: Callable[..., Awaitable[object]]) -> None:
        await ack()
        await respond("remembered")

    @app.shortcut("my_memory")
    async def panel(ack: Callable[..., Awaitable[object]], body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.view("edit")
    async def saved(ack: Callable[..., Awaitable[object]], view: Json) -> None:
        text = view["state"]["values"]["statement"]["text"]["value"]
        await (ack() if text != "bad" else ack(response_action="errors", errors={"statement": "not that"}))

    @app.action("forget")
    async def forget(
        ack: Callable[..., Awaitable[object]], respond: Callable[..., Awaitable[object]], body: Json
    ) -> None:
        await ack()
        if "response_url" in body:
            await respond(text="gone", replace_original=True)

    @app.action("feedback")
    async def feedback(ack: Callable[..., Awaitable[object]], action: Json) -> None:
        await ack()
        seen.append(action)


@asynccontextmanager
async def by_socket(server: SlackServer, app: AsyncApp, ping_interval: float = 0.2) -> AsyncIterator[None]:
    """Connect an app by Socket Mode."""
    handler = AsyncSocketModeHandler(app, server.app_token, ping_interval=ping_interval)
    try:
        await handler.connect_async()  # type: ignore[no-untyped-call]  # bolt has no types here
        await server.sockets.until_connected()
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # nor here


@asynccontextmanager
async def by_http(server: SlackServer, app: AsyncApp) -> AsyncIterator[None]:
    """Let an app listen on a port of its own, and the server post there."""
    runner = web.AppRunner(app.server(port=0, path="/slack/events").web_app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.http.deliver_to(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    try:
        yield
    finally:
        await runner.cleanup()
