"""The technician's command line: try a device where it stands, or start a simulated one.

Everything here goes through the shipped drivers. A command prints its answer on standard output, progress and
errors on standard error, an error in one line with what to do next; the exit code is 0 when it worked, 1 when the
device did not do it, 2 when the command was wrong, 130 when it was interrupted. The commands are in ``commands``;
only the one that is asked for is imported, so that a machine that reads cards needs pyserial and nothing else.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence

from devices.commands.saying import note, trouble
from devices.errors import BadAddress, DeviceError

_COMMANDS = {
    "read": ("devices.commands.cards", "read one identity card"),
    "scan": ("devices.commands.codes", "wait for a code, from a scanner or a camera, and print its text"),
    "print": ("devices.commands.printing", "print a test ticket, or read the printer's state"),
    "panel": ("devices.commands.panel", "watch a panel's inputs and keys, or test its lamp and buzzer"),
    "probe": ("devices.commands.finding", "find and identify what is attached, and propose a profile"),
    "simulate": ("devices.commands.simulating", "stand in for a device"),
    "bench": ("devices.commands.benching", "all simulated devices and a page with their switches"),
    "measure": ("devices.commands.measuring", "how fast a device is here, beside what it is measured against"),
}


def _parser(asked: str | None) -> argparse.ArgumentParser:
    """The parser of all commands; only ``asked`` knows its arguments."""
    parser = argparse.ArgumentParser(
        prog="python -m devices",
        description="Try a hall kiosk's devices.",
        epilog="Exit codes: 0 it worked, 1 the device did not do it, 2 wrong command, 130 interrupted.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (module, says) in _COMMANDS.items():
        command = commands.add_parser(name, help=says)
        if name == asked:
            importlib.import_module(module).define(command)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    asked = next((word for word in words if not word.startswith("-")), None)
    try:
        options = _parser(asked).parse_args(words)
        work: Callable[[argparse.Namespace], int] = options.work
        code = work(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our answer has gone. What is still buffered must go somewhere when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except ModuleNotFoundError as error:
        note(f"this command needs {error.name}, which is not installed here; install it, for example with pip")
        return 1
    except BadAddress as error:
        note(trouble(error))
        return 2
    except DeviceError as error:
        note(trouble(error))
        return 1
    except OSError as error:
        note(" ".join(str(error).split()))
        return 1
    except KeyboardInterrupt:
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main())
