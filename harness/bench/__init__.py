"""What a check costs: `make bench` and `make soak`. They run the real commands; whether these are
right is tested in selftests/."""
