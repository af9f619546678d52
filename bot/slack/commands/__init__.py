"""Commands, shortcuts, forms, buttons and App Home on Slack: each is a question to the office (bot.office), answered to the asker alone."""
