"""What a learner runs: the demonstration, the scenes and the exercises; and the upkeep of docs/."""
