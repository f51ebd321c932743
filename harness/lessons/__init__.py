"""What a learner runs: the demonstration, the scenes and the exercises; and the upkeep of docs/.
The page to play with is in play/, pages made from a run are in report/."""
