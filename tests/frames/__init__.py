"""120 camera frames of our own slips, the same on every machine: what a phone sees in a school hall.

`slip` draws the paper, `camera` photographs it, `hall` says under which conditions; `python -m tests.frames FOLDER` writes
all of them as PNG, to be looked at.
"""
