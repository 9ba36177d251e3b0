"""One record, five doors: what a member files, and what becomes of it."""
