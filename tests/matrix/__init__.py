"""Every address × every role × one's own and others' things: what each may and may not (A1, T-07)."""
