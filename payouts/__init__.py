"""Approved money on its way to the union card, and what came back."""
