"""`python -m sandbox.chaos`: the real bot, killed at chosen moments and started again, and what it owes counted."""
