"""Pictures of what the bot sent, drawn from the payloads as the stand-ins took them: nothing is added."""
