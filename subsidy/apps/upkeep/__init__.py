"""Looking after what the house holds: backups and keys, terms of keeping."""
