"""Fill forms in LibreOffice as a person would, over UNO: ``python3 fill_in_libreoffice.py JOBS.json``.

Runs with the Python that has LibreOffice's ``uno`` module (on Debian the system's, with python3-uno) and nothing else.
JOBS.json is a list of ``{"blank": PATH, "filled": PATH, "values": {TAG: TEXT or true}}``; a tag is that of a content control,
``report.title``, of a box, ``report.type:系统故障``, or of a cell, ``investigation.steps[1].operation``.
Prints one JSON line a job: the tags that were not found.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import uno
from com.sun.star.beans import PropertyValue

START_SECONDS = 60
TICKED = "☑"


def property_value(name: str, value: Any) -> Any:
    """A UNO named value."""
    one = PropertyValue()
    one.Name, one.Value = name, value
    return one


class Office:
    """A LibreOffice of its own profile, started here and ended here."""

    def __init__(self) -> None:
        self.profile = tempfile.TemporaryDirectory(prefix="tpdocs-office-")
        pipe = f"tpdocs{os.getpid()}"
        soffice = os.environ.get("SOFFICE", "soffice")
        options = ["--headless", "--norestore", "--nologo", "--nodefault", f"--accept=pipe,name={pipe};urp;"]
        self.process = subprocess.Popen(
            [soffice, f"-env:UserInstallation={Path(self.profile.name).as_uri()}", *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
                break
            except Exception:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        services = self.context.ServiceManager
        self.desktop = services.createInstanceWithContext("com.sun.star.frame.Desktop", self.context)

    def fill(self, job: dict[str, Any]) -> list[str]:
        """Open the blank, fill it in, save it as .docx; returns the tags that were not found."""
        hidden = property_value("Hidden", True)  # noqa: FBT003
        document = self.desktop.loadComponentFromURL(Path(job["blank"]).absolute().as_uri(), "_blank", 0, (hidden,))
        try:
            controls = document.getContentControls()
            by_tag: dict[str, Any] = {}
            for index in range(controls.getCount()):
                control = controls.getByIndex(index)
                by_tag.setdefault(control.Tag, control)
            for tag, value in job["values"].items():
                if tag in by_tag:
                    enter(by_tag[tag], value)
            target = Path(job["filled"]).absolute().as_uri()
            document.storeToURL(target, (property_value("FilterName", "MS Word 2007 XML"),))
        finally:
            document.close(True)  # noqa: FBT003
        return sorted(set(job["values"]) - set(by_tag))

    def close(self) -> None:
        """End the office and remove its profile."""
        try:
            self.desktop.terminate()
        except Exception:  # noqa: BLE001 - it is on its way out
            self.process.kill()
        self.process.wait(START_SECONDS)
        self.profile.cleanup()


def enter(control: Any, value: Any) -> None:
    """Type a text into a control, or tick it; what stood there as a prompt goes."""
    if control.Checkbox:
        control.Checked = bool(value)
        text = TICKED if value else "□"
    else:
        text = str(value)
    control.ShowingPlaceHolder = False
    cursor = control.createTextCursor()
    cursor.gotoStart(False)  # noqa: FBT003
    cursor.gotoEnd(True)  # noqa: FBT003
    control.setString("") if not text else type_lines(control, text)


def type_lines(control: Any, text: str) -> None:
    """Type text; Shift+Enter between the lines."""
    control.setString(text.split("\n", maxsplit=1)[0])
    for line in text.split("\n")[1:]:
        end = control.getEnd()
        control.insertControlCharacter(end, 1, False)  # noqa: FBT003 - 1 is LINE_BREAK
        control.insertString(control.getEnd(), line, False)  # noqa: FBT003


def main() -> None:
    """Do the jobs of the file named on the command line."""
    jobs = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    office = Office()
    try:
        for job in jobs:
            print(json.dumps({"filled": job["filled"], "not_found": office.fill(job)}, ensure_ascii=False), flush=True)
    finally:
        office.close()


if __name__ == "__main__":
    main()
