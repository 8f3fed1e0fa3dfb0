"""Planning a drive: what fits, on which days, in which timeslots, and who comes when."""
