"""Which school is visited when: pure functions over plain values, `problem` in, `plan` out."""
