"""`python -m tests.frames FOLDER`: all frames as PNG."""

import os
import sys
from pathlib import Path

import django


def main(folder: Path) -> None:
    from tests.frames.files import png
    from tests.frames.hall import scenes

    folder.mkdir(parents=True, exist_ok=True)
    for scene in scenes():
        (folder / f"{scene.kind.replace(' ', '-')}-{scene.step:02}.png").write_bytes(png(scene.frame()))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    main(Path(sys.argv[1]))
