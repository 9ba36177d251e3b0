"""What authorities say: card holders, issued certificates, competition results, trades and bodies."""
