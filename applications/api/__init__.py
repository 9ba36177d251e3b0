"""The REST API of the online form (CONTRACT, API v1)."""
