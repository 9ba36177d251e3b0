"""The desk: pages on which staff file for members (F2, F3, F4)."""
