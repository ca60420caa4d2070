"""What people operate the bot with on Slack: commands, shortcuts, buttons, forms, lists and the home tab."""
