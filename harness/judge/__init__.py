"""What a check can say: what it needs and sees, the verdict, platform gaps, time limits. What the
checks are about is in claims/, how programs are driven in driver/."""
