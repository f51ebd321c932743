"""What a check costs: `make bench` and `make soak`."""
