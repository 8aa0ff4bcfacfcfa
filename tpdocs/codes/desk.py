"""The codes of what ``doctor`` finds wrong with a desk."""

from collections.abc import Mapping

from tpdocs.codes.kinds import DOCUMENT, ERROR, INFO, WARNING, Code

_REPAIR = "“tpdocs doctor --repair” mends this."

DESK_CODES: Mapping[str, Code] = {
    "desk_ledger_missing": Code(DOCUMENT, ERROR, "The ledger {path} is missing", _REPAIR),
    "desk_ledger_elsewhere": Code(
        DOCUMENT, ERROR, "The settings say the ledger is {path}, but it lies at {other}", "Move it there, or correct the settings."
    ),
    "desk_ledger_damaged": Code(DOCUMENT, ERROR, "The ledger {path} is damaged: {error}", _REPAIR),
    "desk_ledger_lost": Code(
        DOCUMENT, ERROR, "The ledger {path} is damaged, and there is no good backup of it: {error}",
        "Keep the damaged files, and take the archive into a new desk: “tpdocs ingest {archive}”.",
    ),
    "desk_ledger_unusable": Code(
        DOCUMENT, ERROR, "The ledger could not be looked at: {error}", "See to that, then run “tpdocs doctor” again."
    ),
    "desk_ledger_newer": Code(DOCUMENT, ERROR, "The ledger {path} was written by a newer tpdocs", "Update tpdocs."),
    "desk_on_share": Code(
        DOCUMENT,
        WARNING,
        "The ledger {path} lies on a network share",
        "Works with one machine at a time and a share that locks files rightly; safer is a disk of the machine that runs tpdocs: "
        "move the file and write its place into the settings as “ledger”. The register and the other folders may stay.",
    ),
    "desk_no_backup": Code(DOCUMENT, WARNING, "There is no backup of the ledger", "The next command that changes it makes one."),
    "desk_backup_bad": Code(DOCUMENT, WARNING, "The backup {path} is damaged: {error}", "Delete it; there are {count} good ones, and the next command that changes the ledger makes one."),
    "desk_backups_bad": Code(DOCUMENT, WARNING, "The backup {path} is damaged: {error}", "Keep it as long as the ledger is not sound; the next command that changes a sound ledger makes a good one."),
    "desk_file_missing": Code(
        DOCUMENT, ERROR, "The archive lacks {path} of {number}", "Put the file back from a copy; its hash begins with {hash}."
    ),
    "desk_file_altered": Code(
        DOCUMENT,
        ERROR,
        "{path} of {number} is not what was taken in",
        "Put the original back; its hash begins with {hash}. What was read from it is on record all the same.",
    ),
    "desk_file_unknown": Code(
        DOCUMENT,
        INFO,
        "{path} lies in the archive and is in no record",
        "It was being taken in when tpdocs was ended: “tpdocs ingest {path}” finishes that, if its form is not on record yet.",
    ),
    "desk_register_missing": Code(DOCUMENT, WARNING, "There is no register", "“tpdocs sync” writes it."),
    "desk_register_unusable": Code(DOCUMENT, ERROR, "The register cannot be taken in: {error}", _REPAIR),
    "desk_register_part": Code(
        DOCUMENT, ERROR, "Excel cannot open the register: its part {path} is no valid XML",
        "Take in what people changed with “tpdocs sync”; then “tpdocs doctor --repair” writes it anew.",
    ),
    "desk_register_open": Code(DOCUMENT, INFO, "The register cannot be written now: {error}", ""),
    "desk_register_behind": Code(
        DOCUMENT, WARNING, "The register does not show all that is on record", "“tpdocs sync” brings it up to date."
    ),
    "desk_register_lacks": Code(
        DOCUMENT,
        INFO,
        "The register has no “{name}”: somebody took it out or renamed it",
        "If it is needed, give it its name back, or rename the register and run “tpdocs sync”, which writes a new one.",
    ),
    "desk_register_changes": Code(
        DOCUMENT, INFO, "People changed {count} rows of the register since it was written", "“tpdocs sync” takes them in."
    ),
    "desk_register_refused": Code(
        DOCUMENT, INFO, "In {count} rows of the register something stands that cannot be taken in", "The column “校验提示” and “tpdocs sync” say why."
    ),
    "desk_leftover": Code(
        DOCUMENT, INFO, "{path} was left by a tpdocs that was ended", "It can be deleted when no tpdocs is running."
    ),
}  # fmt: skip
