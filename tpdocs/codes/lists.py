"""The codes of what is flagged about rows of a list that is taken in by ``update``."""

from collections.abc import Mapping

from tpdocs.codes.kinds import CONFLICT, DOCUMENT, ERROR, INVALID, MISSING, WARNING, Code

_ROW = "Correct the row, in the list itself or in the file of rejected rows, and take that in."

LIST_CODES: Mapping[str, Code] = {
    "list_number_missing": Code(
        MISSING, ERROR, "The row has no “{label}”", "Write the number in, or use --mode insert or upsert for new problems."
    ),
    "list_number_unknown": Code(
        INVALID, ERROR, "The number “{value}” was never given", "Correct it; “tpdocs list --all” shows the numbers."
    ),
    "list_number_given": Code(
        INVALID,
        ERROR,
        "The row has a number, {value}, although new problems get theirs from tpdocs",
        "Clear the number, or use --mode update or upsert for problems on record.",
    ),
    "list_number_twice": Code(
        DOCUMENT, ERROR, "{value} stands in the rows {rows}; none of them was taken in", "Keep one row for a problem."
    ),
    "list_lacking": Code(MISSING, ERROR, "A report also needs: {labels}", "Fill these in; the problem is opened then."),
    "list_known": Code(
        DOCUMENT,
        ERROR,
        "{other} has the same reporter, time and title; no second problem was opened",
        "Write {other} as its number to change that problem, or give the row a title of its own.",
    ),
    "list_changed_since": Code(
        CONFLICT,
        ERROR,
        "“{label}” was changed since the list was exported: then “{value}”, now “{other_value}”, in the row “{theirs}”",
        "Export the list anew, or change the field by “tpdocs set”.",
    ),
    "list_closes": Code(
        INVALID, ERROR, "“{label}” belongs to closing", "“tpdocs close {number}” closes a problem and writes the notice."
    ),
    "list_archives": Code(
        INVALID, ERROR, "“{label}” would archive {number}, which cannot be: {reason}", "Close the problem first: “tpdocs close {number}”."
    ),
    "list_formula": Code(
        INVALID,
        ERROR,
        "“{label}” is an error, or a formula that has not been calculated",
        "Correct the cell, or open the list in Excel, WPS Office or LibreOffice and save it; then take it in again.",
    ),
    "list_line_broken": Code(INVALID, ERROR, "The line is no JSON object ({error})", "Write one object a line, with “问题编号” among its names."),
    "list_too_wide": Code(
        INVALID,
        ERROR,
        "The row has more cells than there are headings: {value}",
        "Put a text that holds a separator into quotation marks, or give the column a heading.",
    ),
    "list_time": Code(INVALID, ERROR, "“{label}” is no date or time: “{value}”", _ROW),
    "list_choice": Code(INVALID, ERROR, "“{label}” says “{value}”, which is none of: {choices}", _ROW),
    "list_value_nested": Code(INVALID, ERROR, "“{label}” holds objects; only texts, numbers, yes/no and lists of texts are taken in", _ROW),
    "list_field_twice": Code(INVALID, ERROR, "“{label}” stands in the row twice with different values", _ROW),
    "list_round_over": Code(
        INVALID, ERROR, "The row shows {number} in round {round}, but by now round {now} is open, to which “{label}” belongs",
        "Export the list again, or say “tpdocs set {number} FIELD=VALUE”.",
    ),
    "list_rejects_unwritten": Code(
        DOCUMENT, WARNING, "The rejected rows could not be written beside the list: {error}",
        "They are told above; mend them in the list itself.",
    ),
    "list_column_ignored": Code(
        DOCUMENT, WARNING, "No field is called “{label}”; the column was left out", "The README lists labels and paths."
    ),
    "list_column_computed": Code(
        DOCUMENT, WARNING, "“{label}” is computed or comes of the forms; the column was left out", ""
    ),
}  # fmt: skip
