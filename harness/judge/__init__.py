"""What checks rely on: their results and the verdict, platform gaps, and time limits. The checks
themselves are in claims/; driver/ runs the programs."""
