"""The command line: one line for every error, and an exit code that a script can rely on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType

import click

from bot.cli.commands import forgetmenot
from bot.errors import BotError, mistake

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


def _unexpected(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
    """Tell of a mistake in the program in one line."""
    click.echo(f"forgetmenot: {mistake(error)}", err=True)
