"""The check before the drive, and what Dukcapil says afterwards: lists out, lists in, and who is affected."""
