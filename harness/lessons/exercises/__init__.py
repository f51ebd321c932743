"""The exercises of docs/exercises.md that change the pattern: a checker and a solution for each.
"""
