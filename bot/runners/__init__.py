"""Who runs a generation, not what it does."""
