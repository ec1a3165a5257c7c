"""Stand-ins of DashScope, Discord and Slack on loopback sockets, and the demo that types into them.

Nothing here imports the bot: what the stand-ins know of it, they learn through their sockets, as the services would.
"""
