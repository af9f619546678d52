"""Discord: what discord.py tells becomes our own types, and what was decided becomes posts there."""
