"""Schools ask for a drive; the office answers; both agree on days."""
