"""What Microsoft's page says of the project's own files: left out where somebody else's programs
are checked."""
