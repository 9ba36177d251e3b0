"""The server-rendered pages of members and of those who file for them."""
