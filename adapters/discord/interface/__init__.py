"""What people operate the bot with on Discord: commands, menu entries, buttons, lists and forms."""
