"""The codes of what is to say about documents as they come in, and about templates."""

from collections.abc import Mapping

from tpdocs.codes.kinds import DOCUMENT, ERROR, INFO, WARNING, Code

_FRESH_COPY = "Ask the sender for a fresh copy."

DOCUMENT_CODES: Mapping[str, Code] = {
    "text_ran_out": Code(
        DOCUMENT,
        INFO,
        "Part of “{label}” stood outside its box; all of the cell was read: “{value}”",
        "Nothing to do if the text is right.",
    ),
    "prompt_left": Code(
        DOCUMENT,
        WARNING,
        "The fill-in hint was left in “{label}” and has been taken off",
        "Make sure that “{value}” is what was meant.",
    ),
    "mark_disagrees": Code(
        DOCUMENT,
        WARNING,
        "In “{label}” the box for “{choice}” shows {look}, but the file notes {stored} for it; what shows was taken",
        "Make sure that is what was meant.",
    ),
    "repeated_field": Code(
        DOCUMENT,
        WARNING,
        "“{label}” stands {count} times in the document with different answers; the first was read: “{value}”; also there: “{other_value}”",
        "Keep one answer and send the form in again.",
    ),
    "field_not_found": Code(
        DOCUMENT,
        WARNING,
        "The place for “{label}” was not found; what is on record for it stays",
        "The box was deleted or typed over as a whole. Fill in a fresh form and send that in.",
    ),
    "ways_disagree": Code(
        DOCUMENT,
        WARNING,
        "“{label}” has two answers: “{value}” in its box, “{other_value}” beside its label ({other_place})",
        "Keep one of them and send the form in again.",
    ),
    "tracked_changes": Code(
        DOCUMENT,
        WARNING,
        "The document carries tracked changes: what was inserted was read, what was deleted was not",
        "Accept or reject the changes, save, and send the form in again if that changes an answer.",
    ),
    "foreign_part": Code(
        DOCUMENT,
        WARNING,
        "{count} part(s) of another document are embedded here and cannot be read",
        "Open the document in Word, save it once, and send it in again.",
    ),
    "year_assumed": Code(
        DOCUMENT,
        WARNING,
        "“{label}” says “{value}” without a year; {year} was taken, as on the rest of the form",
        "If another year is meant, write it and send the form in again.",
    ),
    "lines_lost": Code(
        DOCUMENT,
        WARNING,
        "An older LibreOffice has run the lines of “{value}” together",
        "Set the line ends anew in Word, WPS Office or a LibreOffice from 25.2 on, and send the form in again.",
    ),
    "text_repeated": Code(
        DOCUMENT,
        WARNING,
        "“{label}” stood there several times over, as an older LibreOffice leaves it; it was read once: “{value}”",
        "Make sure that is what was meant.",
    ),
    "unplaced_text": Code(
        DOCUMENT,
        WARNING,
        "This text belongs to no field and was kept as a note: “{value}”",
        "Move it into the field it belongs to, if any.",
    ),
    "struck_out": Code(
        DOCUMENT,
        WARNING,
        "“{value}” is struck out and was read like the text round it",
        "Delete what is not meant, and send the form in again.",
    ),
    "object_not_read": Code(
        DOCUMENT,
        WARNING,
        "A drawing or chart of the document was not read; it says: “{value}”",
        "Write what matters of it into the field it belongs to. The document is kept as it is.",
    ),
    "link_kept": Code(DOCUMENT, INFO, "A link leads to {value}", "It is kept as a note."),
    "row_without_boxes": Code(
        DOCUMENT, INFO, "A row added by hand in “{label}” was read by its columns", "Nothing to do if the row is right."
    ),
    "hidden_picture": Code(DOCUMENT, INFO, "A picture stands in “{label}”: {value}", "It is kept with the document."),
    "attachment_not_found": Code(
        DOCUMENT,
        WARNING,
        "The attachment “{value}” is named on the form but did not come with it",
        "Put the file beside the form, or name it with --attach, and take the form in again.",
    ),
    "possible_duplicate": Code(
        DOCUMENT,
        WARNING,
        "This may be the same problem as {other}: they agree in {agree}",
        "Compare the two; write the number into “关联问题编号” if they belong together.",
    ),
    "problem_withdrawn": Code(
        DOCUMENT,
        WARNING,
        "{number} was withdrawn; the form is kept with it, and it stays out of lists and figures",
        "If it is to be handled after all: “tpdocs reopen {number} --reason TEXT”.",
    ),
    "no_such_file": Code(DOCUMENT, ERROR, "There is no such file", "Check the path; a pattern with * needs quotes."),
    "unreadable": Code(
        DOCUMENT,
        ERROR,
        "The file cannot be read ({error})",
        "Close it in other programs, check that you may read it, and try again.",
    ),
    "not_copied": Code(
        DOCUMENT,
        ERROR,
        "It could not be copied into the archive: {error}",
        "The file is where it was. Mend what stands in the way and take it in again.",
    ),
    "owner_file": Code(
        DOCUMENT,
        ERROR,
        "This is not the form but the mark that an editor leaves while the form is open",
        "Close the form there; the mark goes away by itself.",
    ),
    "empty_file": Code(DOCUMENT, ERROR, "The file is empty (0 bytes)", _FRESH_COPY),
    "only_zeros": Code(
        DOCUMENT, ERROR, "The file holds nothing but zero bytes; it was damaged on its way", _FRESH_COPY
    ),
    "cut_short": Code(DOCUMENT, ERROR, "The file is damaged or was cut short on its way", _FRESH_COPY),
    "broken_xml": Code(
        DOCUMENT,
        ERROR,
        "Its part {part} is damaged (line {line}, column {column})",
        "Open it in Word or LibreOffice, save it as .docx and take it in again.",
    ),
    "encrypted": Code(
        DOCUMENT, ERROR, "The file is encrypted", "Open it with its password, save it without one and take it in again."
    ),
    "old_format": Code(
        DOCUMENT,
        ERROR,
        "This is a Word 97-2003 file (.doc), whatever its name says",
        "Open it, save it as .docx and take that in.",
    ),
    "needs_converting": Code(
        DOCUMENT,
        ERROR,
        "This is a {value} file, which only LibreOffice could convert, and that is not installed here",
        "Open it, save it as .docx and take that in; or install LibreOffice.",
    ),
    "not_converted": Code(
        DOCUMENT,
        ERROR,
        "LibreOffice could not convert this {value} file",
        "Open it, save it as .docx and take that in.",
    ),
    "was_converted": Code(
        DOCUMENT,
        INFO,
        "This {value} file was read by way of LibreOffice; its boxes were found by their labels",
        "Use the .docx form next time.",
    ),
    "macros": Code(
        DOCUMENT, INFO, "The document carries macros; they were not run", "Send the form without macros if you can."
    ),
    "not_word": Code(
        DOCUMENT,
        ERROR,
        "This is no Word document (.docx)",
        "Save it as .docx with Word, WPS Office or LibreOffice and take that in.",
    ),
    "too_large": Code(
        DOCUMENT,
        ERROR,
        "The file is larger, or unpacks to more, than a form can be; it was not opened",
        "Send large pictures as attachments, or raise the limits in tpdocs.toml.",
    ),
    "too_long": Code(
        DOCUMENT,
        ERROR,
        "The document has far more cells and paragraphs than a form; it was not read",
        "Send the form alone, without what is pasted to it, or raise “tags” and “cells” in tpdocs.toml.",
    ),
    "doctype": Code(
        DOCUMENT,
        ERROR,
        "Its part {part} declares a DOCTYPE, which no Word document needs and which can be an attack; it was not opened",
        _FRESH_COPY,
    ),
    "odd_packing": Code(
        DOCUMENT,
        ERROR,
        "A part of the file is packed in a way that no Word program uses; it was not opened",
        "Open it in Word or LibreOffice, save it as .docx and take it in again.",
    ),
    "unexpected": Code(
        DOCUMENT,
        ERROR,
        "Reading the file failed unexpectedly ({error})",
        "Please report this with the file; meanwhile open it, save it as .docx under a new name and take that in.",
    ),
    "not_a_form": Code(
        DOCUMENT,
        ERROR,
        "This Word document is none of the forms F00 to F10",
        "Copy its content into the right form (“tpdocs blank --out DIR”) and take that in.",
    ),
    "is_template": Code(
        DOCUMENT,
        ERROR,
        "This is a template of a form, with the tags of its fields and no place to fill in",
        "Use “tpdocs blank --out DIR” to get a blank form, fill that in and take it in.",
    ),
    "newer_form": Code(
        DOCUMENT,
        ERROR,
        "This {form_name} is version {value}; this tpdocs knows up to version {other_value}",
        "Update tpdocs, then take the form in again.",
    ),
    "other_desk": Code(
        DOCUMENT,
        ERROR,
        "This form was written for another desk ({value})",
        "Take it in there, or copy its content into a blank form of this desk.",
    ),
    "number_missing": Code(
        DOCUMENT,
        ERROR,
        "“{label}” is empty, so nobody can say which problem this {form_name} belongs to",
        "Write the number into “{label}” and take the form in again.",
    ),
    "number_unknown": Code(
        DOCUMENT,
        ERROR,
        "There is no problem {value} on record",
        "Correct “{label}” (“tpdocs list” shows the numbers) and take the form in again.",
    ),
    "form_twice": Code(
        DOCUMENT,
        ERROR,
        "The file holds {form_name} of {value} twice, with different answers",
        "Keep the one that is right in the file, or send the two one after the other.",
    ),
    "another_problem": Code(
        DOCUMENT,
        ERROR,
        "“{label}” is {value}, but title and “{other_label}” are others than those of {value} on record: “{title}”",
        "If it is a new problem, leave the number out. If {value} is meant, correct its title first, then the rest.",
    ),
    "number_contradicts": Code(
        DOCUMENT,
        ERROR,
        "“{label}” says {value}, but this form was written for {other_value}",
        "Write a form for the right problem with “tpdocs next {value} --out outbox” and fill in that.",
    ),
    "number_of_another": Code(
        DOCUMENT,
        ERROR,
        "“{label}” says {value}, but the title on the form is that of {other_value}",
        "Correct the number or the title and take the form in again.",
    ),
    "period_missing": Code(
        DOCUMENT,
        ERROR,
        "“{label}” is no period like 2026-11 or 2026-Q4: “{value}”",
        "Correct “{label}” and take the form in again.",
    ),
    "closure_refused": Code(
        DOCUMENT,
        ERROR,
        "The closing notice was not taken in: {reason}",
        "Settle what is open, then use “tpdocs close {number}”.",
    ),
    "nothing_filled_in": Code(
        DOCUMENT, ERROR, "Nothing is filled in on this {form_name}", "Fill the form in and take it in again."
    ),
    "template_unknown_field": Code(
        DOCUMENT, ERROR, "“{value}” names no field", "“tpdocs template fields {form}” lists what may be used."
    ),
    "template_foreign_field": Code(
        DOCUMENT,
        ERROR,
        "“{value}” is no field of {form_name}",
        "“tpdocs template fields {form}” lists what may be used.",
    ),
    "template_no_place": Code(
        DOCUMENT, ERROR, "“{label}” has no place, but it can be required", "Put {value} where the answer belongs."
    ),
    "template_repeated": Code(
        DOCUMENT, ERROR, "“{value}” stands more than once", "Keep one of the places; the answer can only stand in one."
    ),
    "template_broken_tag": Code(
        DOCUMENT,
        ERROR,
        "A tag is not closed or not opened: “{value}”",
        "Write {open} and {close} round the name, in one paragraph.",
    ),
    "template_not_allowed": Code(
        DOCUMENT,
        ERROR,
        "“{value}” cannot stand in a form: what it prints would not come back",
        "Use plain tags and loops over row tables only.",
    ),
    "template_loop": Code(
        DOCUMENT,
        ERROR,
        "“{value}” is no loop over a row table",
        "Write {example} in a table row of its own, and endfor in another.",
    ),
    "template_loop_text": Code(
        DOCUMENT,
        ERROR,
        "The row with “{value}” holds other text, which would be lost",
        "Leave nothing but the tag in that row.",
    ),
    "template_fails": Code(
        DOCUMENT,
        ERROR,
        "The template cannot be expanded: {value}",
        "Mend the tag it speaks of, or start from the shipped one.",
    ),
    "stray_file": Code(
        DOCUMENT,
        WARNING,
        "This is no Word form, and no form taken in names it as an attachment",
        "Name it under “附件” on its form, or take the form in with --attach.",
    ),
}
