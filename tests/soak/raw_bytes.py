"""Ways to damage the bytes of any file."""

import random

from tests.soak import specimens


def any_file(chance: random.Random) -> bytearray:
    return bytearray(chance.choice(list(specimens.whole_files().values())))


def flipped_bytes(chance: random.Random) -> bytes:
    data = any_file(chance)
    for _ in range(chance.choice([1, 3, 20, 200])):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def flipped_start(chance: random.Random) -> bytes:
    """Headers, where a bit decides how the rest is read."""
    data = any_file(chance)
    for _ in range(chance.choice([1, 2, 8])):
        data[chance.randrange(min(len(data), 600))] ^= 1 << chance.randrange(8)
    return bytes(data)


def truncated(chance: random.Random) -> bytes:
    data = any_file(chance)
    return bytes(data[: chance.choice([chance.randrange(len(data)), len(data) - 1 - chance.randrange(40), chance.randrange(64)])])


def slice_moved(chance: random.Random) -> bytes:
    """A piece is lost, doubled, zeroed or stands elsewhere."""
    data = any_file(chance)
    at, length = chance.randrange(len(data)), chance.choice([1, 16, 512, 4096])
    piece = bytes(data[at : at + length])
    if kind := chance.randrange(4):
        data[at : at + length] = (b"", piece * 2, bytes(len(piece)))[kind - 1]
    else:
        del data[at : at + length]
        there = chance.randrange(len(data) + 1)
        data[there:there] = piece
    return bytes(data)


def something_before_or_after(chance: random.Random) -> bytes:
    data, more = bytes(any_file(chance)), bytes(any_file(chance))
    noise = chance.choice([b"\xef\xbb\xbf", b"\r\n\r\n", b"\0" * 700, b"<!-- -->", chance.randbytes(50), more])
    return noise + data if chance.random() < 0.5 else data + noise


def noise(chance: random.Random) -> bytes:
    start = chance.choice(
        [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<html>", b"<Workbook>", b"\xff\xfe", b"PK\x05\x06"]
    )
    return start + chance.randbytes(chance.choice([0, 1, 30, 5_000]))
