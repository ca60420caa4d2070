"""The chat bot: memory, prompt, model and commands. It knows no chat platform; those are `adapters`."""
