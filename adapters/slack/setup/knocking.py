"""Knocks at the port where a bot takes what Slack posts, as somebody would who has no secret."""

from __future__ import annotations

from http import HTTPStatus

import aiohttp

from adapters.slack.setup.manifest import EVENTS_PATH
from bot.config import SlackSettings
from bot.findings import Finding, fine, problem, unknown

KNOCK_S = 3.0
"""Seconds that a bot on this machine gets to refuse."""

_ABOUT = "Slack events"


async def port_finding(settings: SlackSettings) -> Finding:
    """Return whether a bot listens for Slack's posts, and refuses what nobody signed."""
    host = f"[{settings.http_host}]" if ":" in settings.http_host else settings.http_host
    where = f"{host}:{settings.http_port}{EVENTS_PATH}"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(KNOCK_S)) as session,
            session.post(f"http://{where}", allow_redirects=False) as response,
        ):
            status = response.status
    except aiohttp.ClientConnectorError:
        return unknown(_ABOUT, f"nothing listens at {where}; Slack can post to a running bot alone")
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        return _other(f"{where} does not answer as a web server does ({type(error).__name__})")
    if status != HTTPStatus.UNAUTHORIZED:
        return _other(f"{where} answers what nobody signed with HTTP {status}, and the bot would with 401")
    return fine(_ABOUT, f"a bot at {where} refuses what nobody signed; your public address has to lead there")


def _other(text: str) -> Finding:
    fix = "stop the program that listens there, or set [slack] http_port to another port, and lead the address to it"
    return problem(_ABOUT, text, fix)
