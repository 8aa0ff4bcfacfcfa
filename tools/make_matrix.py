"""Write docs/matrix.md, what survives which way: ``python tools/make_matrix.py``; needs LibreOffice 25.2 and takes minutes.

``--documents FOLDER`` only writes the documents of the matrix, to be passed through another program.
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.matrix.judged import judged  # noqa: E402 - the tests are no package that is installed
from tests.matrix.table import page  # noqa: E402
from tests.matrix.ways import all_ways, constructs, write_all  # noqa: E402


def main() -> None:
    """Write the page, or the documents."""
    if sys.argv[1:2] == ["--documents"]:
        write_all(Path(sys.argv[2]))
        return
    with tempfile.TemporaryDirectory() as folder:
        verdicts = {
            way: {one.key: judged(files / f"{one.key}.docx", one.values) for one in constructs()}
            for way, files in all_ways(Path(folder)).items()
        }
    (ROOT / "docs" / "matrix.md").write_text(page(verdicts), encoding="utf-8")


if __name__ == "__main__":
    main()
