"""The bot without one of its guards, which the checks of the benchmark have to notice.

Run as a program of its own, with the name of the guard: `WITHOUT=defusing python -m bench.on_slack.careless run …`.
"""

from __future__ import annotations

import hmac
import os
import sys
import time

from slack_sdk.signature import SignatureVerifier

from adapters.slack import draft, mrkdwn, serving
from bot.cli import main

DEFUSING = "defusing"
SIGNATURE = "signature"
AGE = "age"
REPLAY = "replay"

_FRESH_S = 300


def _without_defusing() -> None:
    """Mentions and links of the model go out as it wrote them."""
    for module, name in ((draft, "inert"), (draft, "defuse"), (mrkdwn, "escaped")):
        setattr(module, name, lambda text, **_: text)


def _without_signature() -> None:
    """Whatever is fresh is taken."""

    def is_fresh(_: SignatureVerifier, __: object, timestamp: str, ___: str) -> bool:
        return abs(time.time() - int(timestamp)) <= _FRESH_S

    SignatureVerifier.is_valid = is_fresh  # type: ignore[method-assign, assignment]  # what is to be noticed


def _without_age() -> None:
    """Whatever was signed, at any time, is taken."""

    def is_signed(self: SignatureVerifier, body: bytes, timestamp: str, signature: str) -> bool:
        expected = self.generate_signature(timestamp=timestamp, body=body)
        return expected is not None and hmac.compare_digest(expected, signature)

    SignatureVerifier.is_valid = is_signed  # type: ignore[method-assign, assignment]  # what is to be noticed


def _without_replay() -> None:
    """What was seen is forgotten at once."""
    serving.WINDOW_S = -1.0


WITHOUT = {
    DEFUSING: _without_defusing,
    SIGNATURE: _without_signature,
    AGE: _without_age,
    REPLAY: _without_replay,
}

if __name__ == "__main__":
    WITHOUT[os.environ["WITHOUT"]]()
    sys.exit(main())
