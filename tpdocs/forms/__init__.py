"""The standard: every form and field, declared once, and what follows from the declarations alone."""
