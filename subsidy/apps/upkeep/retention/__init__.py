"""What is kept for how long, and the nightly step that clears what is past its term (A2)."""
