"""The drive day: check-in, outcomes, walk-ins, the live board and the evening's close."""
