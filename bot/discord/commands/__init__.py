"""Commands, menus, forms and buttons on Discord: each is a question to the office (bot.office), answered to the asker alone."""
