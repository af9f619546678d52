"""What moderators and members may ask of Steward, and what they are answered: the same on every platform."""
