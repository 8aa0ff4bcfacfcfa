"""``init``: a new desk."""

from pathlib import Path

from tpdocs.desk.folder import Desk, make_desk
from tpdocs.ledger.store import Ledger


def init(folder: Path) -> Desk:
    """Make a desk with its settings and an empty ledger; TpdocsError when there is one already."""
    desk = make_desk(folder.absolute())
    Ledger(desk.ledger, create=True).close()
    return desk
