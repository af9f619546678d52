"""A server on this machine that speaks Discord's protocol; README.md says how to point a client at it."""
