"""The codes of what is flagged about the register: cells and rows as people left them."""

from collections.abc import Mapping

from tpdocs.codes.kinds import CONFLICT, DOCUMENT, ERROR, INVALID, MISSING, WARNING, Code

_NEW_ROW = "Correct the cell and run “tpdocs sync”; the problem is opened then."
_CELL = "Correct the cell in the register and run “tpdocs sync”."

REGISTER_CODES: Mapping[str, Code] = {
    "typed_time": Code(INVALID, ERROR, "“{label}” in the register is no date or time: “{value}”", _CELL),
    "typed_choice": Code(
        INVALID, ERROR, "“{label}” in the register says “{value}”, which is none of: {choices}", _CELL
    ),
    "typed_close": Code(
        INVALID,
        ERROR,
        "“{label}” in the register would close {number}, which cannot be: {reason}",
        "Clear the cell; once the reasons are gone, “tpdocs close {number}” closes it and writes the notice.",
    ),
    "typed_archive": Code(
        INVALID,
        ERROR,
        "“{label}” in the register would archive {number}, which is not closed: {reason}",
        "Clear the cell; a problem is archived once “tpdocs close {number}” has closed it.",
    ),
    "no_value": Code(
        INVALID,
        ERROR,
        "“{label}” of {number} holds an error, or a formula that has not been calculated",
        "Correct the cell, or open the register in Excel, WPS Office or LibreOffice and save it; then run “tpdocs sync” again.",
    ),
    "register_conflict": Code(
        CONFLICT,
        ERROR,
        "“{label}” was changed on both sides: in the register “{value}”, in the system “{other_value}”",
        "Choose one on the sheet “冲突”, in the column “取舍”, and run “tpdocs sync”.",
    ),
    "computed_cell": Code(
        DOCUMENT,
        WARNING,
        "“{label}” of {number} on the sheet “{sheet}” is computed; what was typed there was put back: “{value}”",
        "Change what it is computed from instead.",
    ),
    "computed_row": Code(
        DOCUMENT,
        WARNING,
        "The row of {number} is new on the sheet “{sheet}” and said in computed columns: {value}; the system has filled these in itself",
        "In a new row they may stay empty; to change them, change what they are computed from.",
    ),
    "round_over": Code(
        DOCUMENT,
        WARNING,
        "“{label}” of {number} was typed in a row that showed round {round}, and went there; by now round {now} is open",
        "Type it again if it is meant for round {now}.",
    ),
    "round_gone": Code(
        DOCUMENT,
        WARNING,
        "“{label}” of {number} was typed in a row that showed round {round}, which is off the record; it went to round {now}",
        "If it is not meant for that round, take it back: “tpdocs batches” names the batch, “tpdocs undo” takes it back.",
    ),
    "round_left": Code(
        DOCUMENT,
        WARNING,
        "“{label}” of {number} said “{value}”, which was not taken in when the row showed round {round}; it shows round {now} now, and the cell says what that one does",
        "If it is meant all the same, set it: “tpdocs set {number} FIELD=VALUE”.",
    ),
    "row_gone": Code(
        DOCUMENT,
        WARNING,
        "The row of {number} was missing from the sheet “{sheet}” and was put back",
        "A problem that is none is taken out of the lists by “tpdocs withdraw {number} --reason TEXT”.",
    ),
    "line_gone": Code(
        DOCUMENT,
        WARNING,
        "A line of {number} was missing from the sheet “{sheet}” and was put back",
        "Lines of this sheet come from the forms and go when what they tell is done.",
    ),
    "number_twice": Code(
        DOCUMENT,
        ERROR,
        "{number} stands in the rows {rows} of the sheet “{sheet}”; none of them was taken in",
        "Delete the row that is too many, or clear its number to open a new problem, and run “tpdocs sync”.",
    ),
    "unknown_row": Code(
        DOCUMENT,
        ERROR,
        "Row {row} of the sheet “{sheet}” has the number “{value}”, which was never given",
        "Clear the number to have one given, or correct it, and run “tpdocs sync”.",
    ),
    "row_incomplete": Code(
        MISSING,
        ERROR,
        "Row {row} of the sheet “{sheet}” does not yet hold what a report needs: {labels}",
        "Fill these in and run “tpdocs sync”; the problem is opened then.",
    ),
    "row_time": Code(
        INVALID, ERROR, "“{label}” in row {row} of the sheet “{sheet}” is no date or time: “{value}”", _NEW_ROW
    ),
    "row_choice": Code(
        INVALID,
        ERROR,
        "“{label}” in row {row} of the sheet “{sheet}” says “{value}”, which is none of: {choices}",
        _NEW_ROW,
    ),
    "row_known": Code(
        DOCUMENT,
        ERROR,
        "Row {row} of the sheet “{sheet}” has the reporter, the time and the title of {other}; no second problem was opened",
        "Change the row of {other} and delete this one; if it is another problem, give it a title of its own.",
    ),
    "row_not_taken": Code(
        DOCUMENT,
        WARNING,
        "Row {row} of the sheet “{sheet}” was added by hand and was left alone",
        "Lines of this sheet come from the forms; put it on its form, or into a sheet of your own.",
    ),
    "column_missing": Code(
        DOCUMENT,
        WARNING,
        "The sheet “{sheet}” has no column “{label}” any more",
        "If it was renamed, give it its heading back; if you do not need it, nothing has to be done.",
    ),
    "register_older": Code(
        DOCUMENT,
        WARNING,
        "The register was an older copy than the one written last; what was changed in it was taken in, and what it lacked was put in",
        "It may be one that could not be replaced then. If it was saved over a newer one by mistake, look for that in the folder “backup”.",
    ),
    "row_apart": Code(
        DOCUMENT,
        WARNING,
        "Row {row} of the sheet “{sheet}” stands apart from the table and was not read",
        "A new problem goes right below the last row; anything else may stay where it is.",
    ),
    "register_two": Code(
        DOCUMENT,
        ERROR,
        "{other} lies beside {path} and is not read",
        "Work in one of them: take {other} away, or put what is in {path} into it and take {path} away.",
    ),
    "register_kind": Code(
        DOCUMENT,
        ERROR,
        "{other} lies beside {path} and is not read, for it is no .xlsx",
        "Carry over into {path} what {other} has and {path} has not, then take {other} away.",
    ),
    "column_twice": Code(
        DOCUMENT,
        ERROR,
        "The sheet “{sheet}” has the column “{label}” twice; neither was read or written",
        "Rename the one that is not the system's and run “tpdocs sync”.",
    ),
    "cell_cut": Code(
        INVALID,
        ERROR,
        "“{label}” of {number} shows only the beginning of a text that is longer than a cell can be; what was changed in it was not taken in",
        "Change it on its form or by “tpdocs set {number} FIELD=VALUE”.",
    ),
    "sheet_missing": Code(
        DOCUMENT,
        WARNING,
        "The table of the sheet “{sheet}” is gone from the register",
        "If you need it, rename the register and run “tpdocs sync”, which writes a new one.",
    ),
    "choice_unclear": Code(
        INVALID,
        ERROR,
        "“取舍” of {number} “{label}” says “{value}”, which is neither “登记表值” nor “系统值”",
        "Choose one of the two and run “tpdocs sync”.",
    ),
    "choice_outdated": Code(
        CONFLICT,
        ERROR,
        "“取舍” of {number} “{label}” was chosen for values that are not in conflict now; nothing was done",
        "Look at the sheet “冲突” again and choose there.",
    ),
    "action_gone": Code(
        CONFLICT,
        ERROR,
        "“{label}” of action {row} of {number} was set to “{value}” in the register, but a newer form has changed the actions and that one is not among them any more",
        "Type it again at the right action, if it still holds.",
    ),
    "conflict_displaced": Code(
        CONFLICT,
        WARNING,
        "“{label}” of {number} said “{value}” in the register, in conflict with the record; {name} says something else again and stands on the sheet “冲突” now",
        "If the register was right, type it there again and run “tpdocs sync”.",
    ),
    "answer_displaced": Code(
        CONFLICT,
        WARNING,
        "“{label}” of {number} said “{value}” in the register, which was not on record; {name} answers it, and the register shows that now",
        "If the register was right, type it there again and run “tpdocs sync”.",
    ),
    "copy_displaced": Code(
        CONFLICT,
        WARNING,
        "“{label}” of {number} said “{value}” on the sheet “{sheet}”, which was not taken in; an older copy of the register says something else, and that counts now",
        "If the former was right, type it there again and run “tpdocs sync”.",
    ),
    "no_room": Code(
        DOCUMENT,
        ERROR,
        "{count} new rows have no room on the sheet “{sheet}”: something stands in row {row}, below the table",
        "Move what stands below the table to another place or sheet and run “tpdocs sync”.",
    ),
}
