"""The chat platforms: each folder turns its SDK's events into the core's values, and outcomes into its markup."""
