"""How the domain is plugged into the world: platforms, history, command line, clock, wiring."""
