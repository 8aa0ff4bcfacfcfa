"""Many documents of one client in one small archive: their parts are much alike, so packed together they take little.

``python -m tests.matrix.packed FOLDER ARCHIVE`` packs what a client made.
"""

import io
import sys
import tarfile
import zipfile
from pathlib import Path


def pack(folder: Path, archive: Path) -> None:
    """The files of a folder in a tar archive; of zip files their parts, as they are."""
    with tarfile.open(archive, "w:xz", preset=9) as packed:
        for path in sorted(folder.iterdir()):
            data = path.read_bytes()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(io.BytesIO(data)) as parts:
                    for one in parts.infolist():
                        _add(packed, f"{path.name}/{one.filename}", parts.read(one))
            else:
                _add(packed, path.name, data)


def _add(packed: tarfile.TarFile, name: str, data: bytes) -> None:
    about = tarfile.TarInfo(name)
    about.size = len(data)
    packed.addfile(about, io.BytesIO(data))


def unpack(archive: Path, folder: Path) -> None:
    """The files again, each part of a zip file in it under its name and in its order."""
    folder.mkdir(parents=True, exist_ok=True)
    parts: dict[str, list[tuple[str, bytes]]] = {}
    with tarfile.open(archive) as packed:
        for about in packed:
            file = packed.extractfile(about)
            assert file is not None
            name, _, part = about.name.partition("/")
            parts.setdefault(name, []).append((part, file.read()))
    for name, held in parts.items():
        if held[0][0] == "":
            (folder / name).write_bytes(held[0][1])
            continue
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
            for part, data in held:
                made.writestr(part, data)


if __name__ == "__main__":
    pack(Path(sys.argv[1]), Path(sys.argv[2]))
