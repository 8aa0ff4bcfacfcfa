"""Coverage-guided fuzzing of package and reader: ``python bench/fuzz.py CORPUS -max_total_time=600``. Needs ``pip install atheris``.

The input is the main part of a form after a byte that chooses the form, or, after byte 255, a whole file. Whatever comes in, the
reader must answer with a reading or a reason (`DocumentError`), nothing else. Most damage is done to the tree, for broken XML is
refused at once.
"""

import sys
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import atheris

with atheris.instrument_imports(include=["tpdocs"]):
    from tests.conftest import SHELF, filled
    from tests.damage import damaged
    from tests.records import full_record
    from tpdocs.findings import DocumentError
    from tpdocs.forms.standard import FORMS
    from tpdocs.word.package import Package, compressed, zip_bytes
    from tpdocs.word.survey import survey

_FORMS = list(FORMS)
_PARTS = {key: Package(filled(FORMS[key].code, full_record(key, "字"))).raw_parts() for key in _FORMS}
_WHOLE_FILE, _TREE_FIRST = 255, 10


def one_input(data: bytes) -> None:
    """One input of the fuzzer."""
    if not data:
        return
    document = data[1:]
    if data[0] != _WHOLE_FILE:
        parts = [one for one in _PARTS[_FORMS[data[0] % len(_FORMS)]] if one.name != "word/document.xml"]
        document = zip_bytes([*parts, compressed("word/document.xml", document)])
    with suppress(DocumentError):
        survey(Package(document), SHELF.layout)


def mutated(data: bytes, most: int, seed: int) -> bytes:
    """Damage to the tree nine times out of ten, to the bytes else."""
    if seed % _TREE_FIRST and data and data[0] != _WHOLE_FILE:
        made = data[:1] + damaged(data[1:], seed)
        if made != data and len(made) <= most:
            return made
    return bytes(atheris.Mutate(data, most))


def main() -> None:
    """Write seeds where the corpus is empty, then fuzz."""
    corpus = Path(sys.argv[1])
    corpus.mkdir(parents=True, exist_ok=True)
    if not any(corpus.iterdir()):
        for number, key in enumerate(_FORMS):
            main_part = Package(filled(FORMS[key].code, full_record(key, "字"))).read("word/document.xml")
            (corpus / key).write_bytes(bytes([number]) + main_part)
    atheris.Setup(sys.argv, one_input, custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
