"""``init``: a new desk."""

from pathlib import Path

from tpdocs.actions.blanks import Shelf
from tpdocs.desk.folder import Desk, make_desk
from tpdocs.ledger.store import Ledger


def init(folder: Path) -> Desk:
    """Make a desk with its settings, an empty ledger and its blanks ready; TpdocsError when there is one already."""
    desk = make_desk(folder.absolute())
    Ledger(desk.ledger, create=True).close()
    Shelf.of(desk).fill()
    return desk
