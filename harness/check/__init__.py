"""Commands about somebody's programs. What a check sees is in claims/, its verdict in judge/."""
