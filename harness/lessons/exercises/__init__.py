"""The exercises that change the pattern: their checkers, and a solution of each. What the student
reads is docs/exercises.md."""
