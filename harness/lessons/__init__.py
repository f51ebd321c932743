"""Commands for learners: demonstration, scenes, exercises. Also keeps docs/ up to date.
The interactive page is in play/; pages generated from a run are in report/."""
