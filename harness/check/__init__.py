"""Commands that check programs. The checks are in claims/, their verdict in judge/."""
