"""What holds for every test: no network beyond this machine, no settings from outside, and nothing said in a log.

An audit hook shuts the network rather than a patched `socket`: it also sees connections that a library opens
through its own import, and look-ups of names.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

FOREIGN_VARIABLES = ("FORGETMENOT_", "OPENAI_", "EMBEDDING_", "DISCORD_", "SLACK_")
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")

CANARY = "canary-6b1f0d"
"""Stands in message texts and tokens of tests; no log record of any test may hold it."""

hypothesis.settings.register_profile("offline", deadline=None, max_examples=50, derandomize=True, database=None)
hypothesis.settings.load_profile("offline")


class NetworkShut(RuntimeError):
    """A test reached for the network. Not an OSError, which clients would take for an ordinary outage."""


_refused: list[str] = []


def _is_local(host: object) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    text = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _shut_network(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        connection, address = arguments
        if getattr(connection, "family", None) == socket.AF_UNIX or address is None:
            return
        host = address[0] if isinstance(address, tuple) else address
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    if not _is_local(host):
        _refused.append(f"{event} {host!r}")
        raise NetworkShut(f"tests reach this machine only, not {host!r}")


sys.addaudithook(_shut_network)


@pytest.fixture(autouse=True)
def refused_connections() -> Iterator[list[str]]:
    """Connections that were refused during the test. A test that means them clears the list, any other fails."""
    _refused.clear()

    yield _refused

    assert _refused == []


@pytest.fixture(autouse=True)
def restored_log() -> Iterator[None]:
    """Undo what a test configures: a handler left behind would write to a stream that is closed."""
    loggers = [logging.getLogger(name) for name in (None, "bot", "adapters")]
    before = [(logger, logger.handlers[:], logger.level) for logger in loggers]
    raises = logging.raiseExceptions

    yield

    logging.raiseExceptions = raises
    for logger, handlers, level in before:
        logger.handlers[:] = handlers
        logger.setLevel(level)


@pytest.fixture(autouse=True)
def silent_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Capture every record from DEBUG on, and fail the test if one tells the canary."""
    caplog.set_level(logging.DEBUG)

    yield

    assert [text for text in map(_told, caplog.get_records("call")) if CANARY in text] == []


def _told(record: logging.LogRecord) -> str:
    """Return all that a careless handler would print of a record."""
    return f"{record.getMessage()} {record.exc_info and record.exc_info[1]!r}"


@pytest.fixture
def canary() -> str:
    """A word for message texts and tokens that no log record may hold."""
    return CANARY


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder without anybody's files."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, empty_home: Path) -> None:
    """Take away every setting of the machine that the tests run on."""
    for name in list(os.environ):
        if name.startswith(FOREIGN_VARIABLES) or name.upper() in PROXY_VARIABLES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(empty_home))
