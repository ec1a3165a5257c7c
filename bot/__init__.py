"""The core of the `/imagine` bot: accept, charge, draw, deliver. No chat platform, no sentence for people."""
