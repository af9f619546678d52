"""Fakes that work: small, deterministic stand-ins for the ports."""
