"""The views of the API: thin, each calls one service."""
