"""Keeps the bot tokens of the workspaces that installed the app by OAuth, in the data folder and nowhere else."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from pathlib import Path

from slack_bolt.error import BoltError
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore

from bot.errors import StoreError
from bot.store.checking import notes_in
from bot.store.notes import Notes

log = logging.getLogger(__name__)

_BEGINNING = "installation "


class Installations(AsyncInstallationStore):
    """One bot token a workspace, or an organisation. No tokens of people: the app asks for none."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    async def async_save(self, installation: Installation) -> None:
        """Keep the bot's part of a new installation, in place of an earlier one.

        Raises:
            BoltError: it could not be stored; the library shows the person that the installation failed.
        """
        try:
            await self.async_save_bot(installation.to_bot())
        except StoreError as error:
            raise BoltError("the installation was not stored") from error
        log.info("installed in %s", installation.team_id or installation.enterprise_id)

    async def async_save_bot(self, bot: Bot) -> None:
        """Keep a bot's token, such as a new one in place of one that ran out."""
        await self._notes.put(_name(owner_of(bot)), json.dumps(bot.to_dict_for_copying(), default=datetime.isoformat))

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = None
    ) -> Bot | None:
        """Return the bot of a workspace, or of its organisation; None when neither installed the app."""
        del is_enterprise_install  # not every payload says which of the two it was
        for owner in filter(None, (team_id, enterprise_id)):
            if kept := await self._notes.get(_name(owner)):
                return Bot(**json.loads(kept))
        return None

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Forget the token of a workspace, or of an organisation when no workspace is named."""
        owner = team_id or enterprise_id
        await self._notes.clear(_name(owner))
        log.info("the installation in %s is gone", owner)

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Forget the token of a person, of which there is none."""

    @property
    def logger(self) -> logging.Logger:
        """Where the library would log about installations."""
        return log


def owner_of(bot: Bot) -> str:
    """Return the id of the workspace or organisation that installed the app."""
    return (bot.enterprise_id if bot.is_enterprise_install else bot.team_id) or ""


def installed_in(folder: Path) -> list[Bot]:
    """Return the installations that a data folder keeps, read beside a bot that may be running.

    Raises:
        StoreError: they could not be read.
    """
    kept = notes_in(folder, "slack", _BEGINNING)
    return [Bot(**json.loads(text)) for _, text in sorted(kept.items())]


def _name(owner: str | None) -> str:
    return f"{_BEGINNING}{owner}"
