"""Tokens that run out: renewed once, beside the work, and never at its expense."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.slack.setup.tokens import TRIED_AGAIN_AFTER
from tests.servers.slack import SlackServer
from tests.servers.slack.faults import slow, status
from tests.slack.site import Site, own_records, site_on

pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # slack_sdk 3.47 uses it


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    """Slack with one workspace."""
    async with SlackServer() as slack:
        yield slack
    assert slack.violations == []


@pytest.fixture
async def site(server: SlackServer, tmp_path: Path) -> AsyncIterator[Site]:
    """The app with its pages on a port."""
    async with site_on(server, tmp_path / "data") as opened:
        yield opened


async def renewals() -> None:
    """Wait for the renewals that run beside requests."""
    running = [task for task in asyncio.all_tasks() if task.get_name() == "slack token"]
    await asyncio.wait_for(asyncio.gather(*running), 5)


async def test_token_is_renewed_once_before_it_runs_out(site: Site, server: SlackServer) -> None:
    """Requests that come together share one renewal, since a refresh token works once."""
    server.oauth.rotates = True
    team = server.add_workspace("Beta", installed=False)
    await site.install(team)
    first = await site.grow_old(team)

    meanwhile = await asyncio.gather(*(site.tokens.of(team.id) for _ in range(3)))
    await renewals()
    renewed = await site.tokens.of(team.id)

    assert team.grant is not None
    assert set(meanwhile) == {first}
    assert renewed == team.grant.token
    assert len(server.calls("oauth.v2.access")) == 2
    assert server.refusals == []


async def test_token_that_has_run_out_is_renewed_first(site: Site, server: SlackServer) -> None:
    """As after a quiet night: nothing can be done by the old one."""
    server.oauth.rotates = True
    team = server.add_workspace("Beta", installed=False)
    await site.install(team)
    first = await site.grow_old(team, -timedelta(hours=3))

    renewed = await asyncio.gather(*(site.tokens.of(team.id) for _ in range(3)))

    assert team.grant is not None
    assert set(renewed) == {team.grant.token} != {first}
    assert len(server.calls("oauth.v2.access")) == 2


async def test_slow_renewal_holds_no_request_up_for_long(
    site: Site, server: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack wants an acknowledgement within three seconds; the renewal goes on, since a refresh token works once."""
    monkeypatch.setattr("adapters.slack.setup.tokens.WAITED_S", 0.05)  # a constant; two seconds would be waited for
    server.oauth.rotates = True
    team = server.add_workspace("Beta", installed=False)
    await site.install(team)
    first = await site.grow_old(team, -timedelta(hours=3))
    server.will("oauth.v2.access", slow(0.3))

    meanwhile = await site.tokens.of(team.id)
    await renewals()
    later = await site.tokens.of(team.id)

    assert team.grant is not None
    assert (meanwhile, later) == (first, team.grant.token)
    assert len(server.calls("oauth.v2.access")) == 2


async def test_app_that_is_removed_during_a_renewal_leaves_no_token(site: Site, server: SlackServer) -> None:
    """What was erased does not come back."""
    server.oauth.rotates = True
    team = server.add_workspace("Beta", installed=False)
    await site.install(team)
    await site.grow_old(team)
    server.will("oauth.v2.access", slow(0.2))

    await site.tokens.of(team.id)
    store = site.app.installation_store
    assert store is not None
    await store.async_delete_bot(enterprise_id=None, team_id=team.id)
    await renewals()

    assert len(server.calls("oauth.v2.access")) == 2
    assert await site.tokens.of(team.id) is None


async def test_renewals_are_not_remembered_for_ever(site: Site, server: SlackServer) -> None:
    """Whatever number of workspaces comes and goes, those are known that run or began within a minute."""
    server.oauth.rotates = True
    known = []
    for name in ("Beta", "Gamma"):
        team = server.add_workspace(name, installed=False)
        await site.install(team)
        await site.grow_old(team)
        await site.tokens.of(team.id)
        await renewals()
        known.append(len(site.tokens._renewals))
        site.clock.ahead += TRIED_AGAIN_AFTER

    assert known == [1, 1]


async def test_token_that_cannot_be_renewed_is_used_to_its_end(
    site: Site, server: SlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Slack being down for a while stops nothing, and is asked again after a minute; no token is logged."""
    server.oauth.rotates = True
    team = server.add_workspace("Beta", installed=False)
    await site.install(team)
    first = await site.grow_old(team)
    server.will("oauth.v2.access", status(503))

    meanwhile = await site.tokens.of(team.id)
    await renewals()
    soon = await site.tokens.of(team.id)
    site.clock.ahead += TRIED_AGAIN_AFTER
    late = await site.tokens.of(team.id)
    await renewals()

    assert {meanwhile, soon, late} == {first}
    assert await site.tokens.of(team.id) != first
    assert f"the token of {team.id} could not be renewed (HTTP 503)" in own_records(caplog)
    assert "xox" not in "".join(own_records(caplog))
