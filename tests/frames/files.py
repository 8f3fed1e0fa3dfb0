"""Frames as files that other programs open."""

import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

from tests.frames.camera import HEIGHT, WIDTH, Frame


def png(frame: Frame) -> bytes:
    height, width = frame.shape
    rows = b"".join(b"\x00" + row.tobytes() for row in frame)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def write_video(path: Path, frames: Iterable[Frame], *, rate: int) -> None:
    """Uncompressed, as Chromium's pretended camera takes it; it begins again at its end."""
    grey = bytes([128]) * (WIDTH * HEIGHT // 2)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{rate}:1 Ip A1:1 C420mpeg2\n".encode())
        for frame in frames:
            file.write(b"FRAME\n" + frame.tobytes() + grey)
