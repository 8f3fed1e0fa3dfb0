"""The schools as one works with them: what the registers say, beside what students and drives add."""
