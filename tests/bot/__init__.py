"""Tests of how the domain is plugged into the world."""
