"""The command line: one line for every error, and an exit code that a script can rely on."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from pathlib import PurePath
from types import TracebackType

import click

from bot.cli.commands import forgetmenot
from bot.errors import BotError

INTERRUPTED = 130
WRONG_USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code: 0 done, 1 failed, 2 wrong usage or configuration, 3 data folder in use,
    4 data written by a newer version, 130 interrupted.

    Args:
        arguments: what follows the program's name; the process's own when not given.
    """
    sys.excepthook = _unexpected
    try:
        code = forgetmenot.main(arguments, prog_name="forgetmenot", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return WRONG_USAGE
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "forgetmenot"
        return _failed(f"{error.format_message()} (see: {path} --help)", WRONG_USAGE)
    except click.ClickException as error:
        return _failed(error.format_message(), error.exit_code)
    except BotError as error:
        return _failed(str(error), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return _failed("interrupted", INTERRUPTED)
    return int(code or 0)


def _failed(text: str, code: int) -> int:
    click.echo(f"forgetmenot: {text}", err=True)
    return code


def _unexpected(kind: type[BaseException], _: BaseException, trace: TracebackType | None) -> None:
    """Tell of a mistake in the program in one line; the exception's text may hold what people said."""
    frames = traceback.extract_tb(trace)
    place = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    click.echo(f"forgetmenot: stopped by a mistake in the program ({kind.__name__}{place}); please report it", err=True)
