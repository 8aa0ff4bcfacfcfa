"""Change titles of a register in LibreOffice, over UNO: ``python3 edit_in_libreoffice.py REGISTER COUNT``; it saves where it opened."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "samples"))

from fill_in_libreoffice import Office, property_value


def main() -> None:
    """Change them."""
    register, count = Path(sys.argv[1]).absolute().as_uri(), int(sys.argv[2])
    office = Office()
    try:
        document = office.desktop.loadComponentFromURL(register, "_blank", 0, (property_value("Hidden", True),))  # noqa: FBT003
        sheet = document.Sheets.getByIndex(0)
        for row in range(1, count + 1):
            sheet.getCellByPosition(1, row).String = f"人改的标题{row}"
        document.storeToURL(register, (property_value("FilterName", "Calc MS Excel 2007 XML"),))
        document.close(True)  # noqa: FBT003
    finally:
        office.close()


if __name__ == "__main__":
    main()
