"""`python -m bot` is the `steward` command."""

from bot.cli import main

main()
