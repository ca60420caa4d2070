"""What is checked and said before the bot runs: token, switches, permissions, commands, invitation."""
