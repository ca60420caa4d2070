"""Modals and home tabs: who sees which, and the hash that changes with every change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers.slack.nouns import Team, View
from tests.servers.slack.people import Person
from tests.servers.slack.posts import with_ids
from tests.servers.slack.refusals import Refusal, refuse
from tests.servers.slack.rules import view_faults
from tests.servers.slack.wire import Json

if TYPE_CHECKING:
    from tests.servers.slack.server import SlackServer

STACKED = 3
"""So many modals may lie on one another ("Modals")."""


@dataclass
class Views:
    """All views by id, and the home tabs by workspace and person."""

    server: SlackServer = field(repr=False)
    all: dict[str, View] = field(default_factory=dict)
    homes: dict[tuple[str, str], View] = field(default_factory=dict)

    def show(self, person: Person, team: Team, content: Json, *, push: bool = False) -> View:
        """Return a new modal in front of a person; `push` lays it on the one that is open."""
        refuse("invalid_arguments", view_faults(content, ("modal",)))
        if push:
            if person.modal is None or len(person.modals) >= STACKED:
                raise Refusal("push_limit_reached")
            return self.lay(person, person.modal, content)
        self.close_all(person)
        view = View(self.server.ids.next("V"), team, person, {})
        view.root_id = view.id
        person.modals.append(view)
        return self.change(view, content)

    def lay(self, person: Person, below: View, content: Json) -> View:
        """Return a new modal on top of another."""
        view = View(self.server.ids.next("V"), below.team, person, {})
        view.root_id, view.previous_id = below.root_id, below.id
        person.modals.append(view)
        return self.change(view, content)

    def publish(self, person: Person, team: Team, content: Json, given_hash: str | None) -> View:
        """Return the home tab of a person with new content."""
        refuse("invalid_arguments", view_faults(content, ("home",)))
        key = (team.id, person.id)
        view = self.homes.get(key) or View(self.server.ids.next("V"), team, person, {})
        view.root_id = view.id
        self._same(view, given_hash)
        self.homes[key] = view
        return self.change(view, content)

    def update(self, view: View, content: Json, given_hash: str | None) -> View:
        """Return a view that is open with new content."""
        refuse("invalid_arguments", view_faults(content, ("modal", "home")))
        if content["type"] != view.content["type"]:
            raise Refusal("invalid_arguments", ["a view cannot change its type"])
        self._same(view, given_hash)
        return self.change(view, content)

    def _same(self, view: View, given_hash: str | None) -> None:
        if given_hash is not None and given_hash != view.hash:
            raise Refusal("hash_conflict")

    def change(self, view: View, content: Json) -> View:
        """Return a view after putting new content into it; what was filled in stays where the ids stay."""
        view.content = {**content, "blocks": with_ids(content["blocks"], self.server.ids)}
        view.hash = f"{self.server.ids.stamp()}.{view.id}"
        view.states.append(view.content)
        kept = {(block["block_id"], block["element"]["action_id"]) for block in view.blocks if "element" in block}
        view.state = {key: state for key, state in view.state.items() if key in kept}
        self.all[view.id] = view
        return view

    def close_all(self, person: Person) -> None:
        """Take away all modals of a person."""
        for view in person.modals:
            view.closed = True
        person.modals = []

    def find(self, view_id: str | None, external_id: str | None) -> View:
        """Return a view that is still open.

        Raises:
            Refusal: not_found; nobody's fault if a person closed it.
        """
        for view in self.all.values():
            if view.id == view_id or (external_id and view.content.get("external_id") == external_id):
                if view.closed:
                    raise Refusal("not_found", is_fault=False)
                return view
        raise Refusal("not_found")
