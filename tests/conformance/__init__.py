"""What our bots ask of a platform in the tests, held against the platform's own description of its API."""
