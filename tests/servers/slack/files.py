"""Files: kept, shown to those with a token, and uploaded in the two steps that Slack asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from tests.servers.slack.nouns import File
from tests.servers.slack.people import Person

if TYPE_CHECKING:
    from tests.servers.slack.server import SlackServer

LOGIN_PAGE = "<!doctype html><html><head><title>Sign in to Slack</title></head><body>Sign in</body></html>"


@dataclass
class Files:
    """All files by id; those that are only announced wait in `announced` for their content."""

    server: SlackServer = field(repr=False)
    all: dict[str, File] = field(default_factory=dict)
    announced: dict[str, File] = field(default_factory=dict)

    def keep(self, owner: Person, name: str, content: bytes, mimetype: str) -> File:
        """Return a new file."""
        file = File(self.server.ids.next("F"), name, content, mimetype, owner)
        self.all[file.id] = file
        return file

    def announce(self, owner: Person, name: str) -> File:
        """Return a file whose content comes later."""
        file = File(self.server.ids.next("F"), name, b"", "application/octet-stream", owner)
        self.announced[file.id] = file
        return file

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Answer with the content or, to anybody without a token, with a login page and status 200."""
        file = self.all.get(request.match_info["file"])
        grant = self.server.grant_of(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if file is None:
            return web.Response(status=404, text="File not found", content_type="text/html")
        if grant is not None and file.owner.place not in grant.teams:
            self.server.violations.append("a file was asked for with a token of another workspace")
            grant = None
        if grant is None or grant.revoked or "files:read" not in grant.scopes:
            return web.Response(text=LOGIN_PAGE, content_type="text/html")
        return web.Response(body=file.content, content_type=file.mimetype)

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Take the content of a file that was announced."""
        file = self.announced.get(request.match_info["file"])
        if file is None:
            return web.Response(status=404, text="not found")
        file.content = await request.read()
        return web.Response(text=f"OK - {len(file.content)}")
