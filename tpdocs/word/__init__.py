"""Word documents, out and in: templates, blanks, filling and reading."""
