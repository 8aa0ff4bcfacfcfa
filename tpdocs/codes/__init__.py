"""The codes of all findings: one table of what is the same for every finding of a code."""

from collections.abc import Mapping

from tpdocs.codes.checks import CHECK_CODES
from tpdocs.codes.desk import DESK_CODES
from tpdocs.codes.documents import DOCUMENT_CODES
from tpdocs.codes.kinds import Code
from tpdocs.codes.lists import LIST_CODES
from tpdocs.codes.register import REGISTER_CODES

CODES: Mapping[str, Code] = {**CHECK_CODES, **DOCUMENT_CODES, **REGISTER_CODES, **LIST_CODES, **DESK_CODES}
