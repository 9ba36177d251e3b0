"""Layouts of the union-card system's files: lines to bytes, bytes to rows; no database here."""
