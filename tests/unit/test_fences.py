"""The fences around every test hold: network, settings, log."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CONFTEST = Path(__file__).parents[1] / "conftest.py"


@pytest.mark.parametrize("address", [("192.0.2.1", 9), ("10.0.0.1", 443)])
def test_connection_to_elsewhere_is_refused(address: tuple[str, int], refused_connections: list[str]) -> None:
    """No packet leaves for another machine, private or public, and the refusal is remembered."""
    with socket.socket() as client, pytest.raises(RuntimeError, match="tests reach this machine only"):
        client.connect(address)

    assert refused_connections == [f"socket.connect '{address[0]}'"]
    refused_connections.clear()


def test_datagram_to_elsewhere_is_refused(refused_connections: list[str]) -> None:
    """Neither does a packet that needs no connection."""
    with socket.socket(type=socket.SOCK_DGRAM) as client, pytest.raises(RuntimeError):
        client.sendto(b"x", ("192.0.2.1", 9))

    assert refused_connections == ["socket.sendto '192.0.2.1'"]
    refused_connections.clear()


def test_name_is_not_looked_up(refused_connections: list[str]) -> None:
    """A name server is not asked."""
    with pytest.raises(RuntimeError):
        socket.getaddrinfo("discord.invalid", 443)

    assert refused_connections == ["socket.getaddrinfo 'discord.invalid'"]
    refused_connections.clear()


def test_loopback_and_unix_sockets_are_open(tmp_path: Path) -> None:
    """Servers of the tests can be reached."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))
    assert socket.getaddrinfo("localhost", 80)


def test_settings_of_the_machine_are_gone(empty_home: Path) -> None:
    """Neither tokens nor a home folder of whoever runs the tests are seen."""
    foreign = ("FORGETMENOT_", "OPENAI_", "EMBEDDING_", "DISCORD_", "SLACK_")

    assert [name for name in os.environ if name.startswith(foreign)] == []
    assert Path.home() == empty_home


def test_broken_fences_fail_a_test(pytester: pytest.Pytester) -> None:
    """A swallowed refusal, a canary in the log, a lost thread's error and a warning each fail the test they are in."""
    pytester.makeconftest(CONFTEST.read_text("utf-8"))
    pytester.makeini("[pytest]\nfilterwarnings = error")
    pytester.makepyfile(
        """
        import contextlib, logging, socket, threading, warnings

        def test_swallowed():
            with contextlib.suppress(RuntimeError), socket.socket() as client:
                client.connect(("192.0.2.1", 9))

        def test_canary_in_message(canary):
            logging.getLogger("anything").debug("said %s", canary)

        def test_canary_in_exception(canary):
            logging.getLogger("anything").error("said", exc_info=ValueError(canary))

        def test_thread():
            thread = threading.Thread(target=lambda: 1 / 0)
            thread.start()
            thread.join()

        def test_warning():
            warnings.warn("old")

        def test_nothing(canary):
            logging.getLogger("anything").debug("said nothing")
        """
    )

    outcome = pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:xdist").parseoutcomes()

    assert outcome == {"passed": 4, "failed": 2, "errors": 3}
