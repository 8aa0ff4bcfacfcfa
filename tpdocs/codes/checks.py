"""The codes of what the checks flag about what is on record."""

from collections.abc import Mapping

from tpdocs.codes.kinds import CONFLICT, DUE_SOON, ERROR, INCONSISTENT, INVALID, MISSING, OVERDUE, WARNING, Code

_FILL_AND_RESEND = "Fill in “{label}” on {form_name} and send the form in again."
_CORRECT_AND_RESEND = "Correct “{label}” on {form_name} and send the form in again."
_CLOSE_IT = "Close it with “tpdocs close {number}”, which also writes the notice."
_HAND_IN = "Write the form with “tpdocs next {number} --out outbox”, have it filled in and take it in."

CHECK_CODES: Mapping[str, Code] = {
    "missing_field": Code(MISSING, ERROR, "“{label}” is not filled in", _FILL_AND_RESEND),
    "missing_when": Code(MISSING, ERROR, "“{label}” is needed here: {reason}", _FILL_AND_RESEND),
    "missing_other": Code(MISSING, ERROR, "“{choice_label}” is “其他”, but it is not said what", _FILL_AND_RESEND),
    "missing_rows": Code(MISSING, ERROR, "“{label}” needs at least one row", _FILL_AND_RESEND),
    "missing_form": Code(
        MISSING,
        ERROR,
        "{form_name} is not on record although {later_name} is",
        "Have the form filled in and take it in.",
    ),
    "invalid_time": Code(
        INVALID,
        ERROR,
        "“{label}” is no date or time: “{value}”",
        "Write it like 2026-02-13 16:00 and send the form in again.",
    ),
    "invalid_choice": Code(
        INVALID, ERROR, "“{label}” says “{value}”, which is none of: {choices}", _CORRECT_AND_RESEND
    ),
    "too_many_choices": Code(
        INVALID, ERROR, "“{label}” has {count} boxes ticked where one is allowed: {value}", _CORRECT_AND_RESEND
    ),
    "times_out_of_order": Code(
        INCONSISTENT,
        ERROR,
        "“{label}” ({value}) is before “{other_label}” ({other_value})",
        "Find out which of the two times is wrong, correct it on its form and send that form in again.",
    ),
    "title_differs": Code(
        INCONSISTENT,
        ERROR,
        "“{label}” is “{value}” on this form, but “{other_value}” on record",
        "Make sure the form belongs to {number}; then correct it on the form or, if the record is wrong, on the report.",
    ),
    "identity_differs": Code(
        INCONSISTENT,
        WARNING,
        "“{label}” is “{value}” on this form, but “{other_value}” on record",
        "The record keeps its value; correct the report if that is what is wrong.",
    ),
    "not_reviewed": Code(
        INCONSISTENT,
        ERROR,
        "Implementation is on record, but no review that ended “通过” or “有条件通过”",
        "Have the solution reviewed and send in {form_name} with “{label}”.",
    ),
    "emergency_not_started": Code(
        INCONSISTENT,
        ERROR,
        "“{other_label}” is “紧急”, but “{label}” is “否”",
        "Start the emergency response or correct the priority on {form_name}.",
    ),
    "major_change_without_departments": Code(
        INCONSISTENT,
        ERROR,
        "A major change needs a review across departments, but “{label}” is empty",
        _FILL_AND_RESEND,
    ),
    "closed_without_verification": Code(
        INCONSISTENT,
        ERROR,
        "{form_name} is on record, but no verification that ended “通过” in this round",
        "Have the solution verified and send in 问题验证报告.",
    ),
    "acceptance_overdue": Code(OVERDUE, ERROR, "Not accepted in time: was due {due_text}", _HAND_IN),
    "stage_overdue": Code(
        OVERDUE,
        ERROR,
        "{form_name} is late: “{label}” was due {due_text} (term from the settings, priority {priority})",
        _HAND_IN,
    ),
    "closing_overdue": Code(
        OVERDUE,
        ERROR,
        "Verified, but not closed: was due {due_text} (term from the settings, priority {priority})",
        _CLOSE_IT,
    ),
    "implementation_overdue": Code(OVERDUE, ERROR, "Implementation is late: “{plan_label}” was {due_text}", _HAND_IN),
    "action_overdue": Code(
        OVERDUE,
        ERROR,
        "“{label}”: “{action}” was due {due_text}",
        "Finish it and write “实际完成日期”, or agree on a new date, on {form_name}.",
    ),
    "review_overdue": Code(
        OVERDUE,
        ERROR,
        "The review of {period} has not been held: was due {due_text} (term from the settings)",
        "Hold the review, fill in {form_name} (“tpdocs blank F10 --out outbox” writes a blank one) and take it in.",
    ),
    "acceptance_due_soon": Code(DUE_SOON, WARNING, "Has to be accepted by {due_text}", _HAND_IN),
    "stage_due_soon": Code(
        DUE_SOON,
        WARNING,
        "{form_name}: “{label}” is due {due_text} (term from the settings, priority {priority})",
        _HAND_IN,
    ),
    "closing_due_soon": Code(
        DUE_SOON,
        WARNING,
        "Verified; has to be closed by {due_text} (term from the settings, priority {priority})",
        _CLOSE_IT,
    ),
    "implementation_due_soon": Code(
        DUE_SOON, WARNING, "Implementation has to be finished: “{plan_label}” is {due_text}", _HAND_IN
    ),
    "action_due_soon": Code(
        DUE_SOON,
        WARNING,
        "“{label}”: “{action}” is due {due_text}",
        "Finish it and write “实际完成日期” on {form_name}.",
    ),
    "review_due_soon": Code(
        DUE_SOON,
        WARNING,
        "The review of {period} is due {due_text} (term from the settings)",
        "Hold the review, fill in {form_name} (“tpdocs blank F10” writes a blank one) and take it in.",
    ),
    "conflict_field": Code(
        CONFLICT,
        ERROR,
        "“{label}” was changed on both sides: on record “{value}”, in {source} “{other_value}”",
        "Decide which is right: “tpdocs next {number} --form {form} --out outbox” writes the form anew; correct it there and send it in.",
    ),
}
