"""The command line: parse, call an action, print, exit. Nothing heavy is imported before a command needs it."""

import gettext
import os
import sys
from pathlib import Path

from tpdocs.language import LANGUAGES, choose_language


def main(arguments: list[str] | None = None) -> None:
    """Run tpdocs with the arguments given, or those of the process. Ends the process with the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    language = choose_language(_language_asked_for(given))
    # click takes its own words from the default text domain, so ours carries them as well.
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain("tpdocs", str(Path(__file__).parent.parent / "locale"))
    gettext.textdomain("tpdocs")
    for stream in (sys.stdout, sys.stderr):
        # A GBK console cannot show everything; a sign it lacks must not end the command.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    from tpdocs.cli.app import app

    app.main(args=given, prog_name="tpdocs")


def _language_asked_for(arguments: list[str]) -> str | None:
    """The language must be known before the commands and their help texts are put together."""
    for position, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            name = argument.removeprefix("--lang=")
        elif argument == "--lang" and position + 1 < len(arguments):
            name = arguments[position + 1]
        else:
            continue
        return name if name in LANGUAGES else None
    return None
