"""What a check costs: `make bench`."""
