"""Commands about somebody's programs."""
