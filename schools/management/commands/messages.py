"""The catalogues of translations: one a room, updated from the sources, compiled, and checked.

`messages --update [ROOM …]` asks for what is new, `--compile` makes what Django reads, `--check` fails on what is amiss.
"""

import io
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation.template import templatize

DRIVE_ROOMS: Final = (
    "planning",
    "schooldays",
    "season",
    "statuses",
    "onsite",
    "tablets",
    "followups",
    "cards",
    "documents",
    "notices",
    "requests",
    "feeds",
    "coverage",
    "directory",
    "desk",
    "demo",
)
# In the order of imports: what an earlier room says is not translated again in a later one.
ROOMS: Final = ("house", "schools", "students", *DRIVE_ROOMS)
HOUSE_SOURCES: Final = ("schools/templatetags/", "schools/navigation.py", "schools/language.py", "config/")
SOURCE_FOLDERS: Final = ("config", "schools", "students", "drives", "templates")
TEMPLATE_SUFFIXES: Final = (".html", ".txt")
# Which arguments are texts; (n, "c") is a context.
KEYWORDS: Final[dict[str, Any]] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Fixed, so that a file changes only when a text does.
HEADER: Final = """\
msgid ""
msgstr ""
"Language: id\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
PLACEHOLDER: Final = re.compile(r"%\(\w+\)|\{\w*\}")
LEADING_SPACE: Final = re.compile(r"^[ \t]+", re.MULTILINE)

Key = tuple[str, str]
"""A text's context and its English singular."""


@dataclass
class Text:
    """One text to be said in Indonesian, and where it stands (file, line)."""

    context: str
    singular: str
    plural: str = ""
    places: list[tuple[str, int]] = field(default_factory=list)

    @property
    def key(self) -> Key:
        return self.context, self.singular


def room_of(path: str) -> str:
    """The room whose catalogue a source file belongs to; `path` is relative to the repository."""
    parts = path.removeprefix("templates/").split("/")
    if parts[0] == "drives":
        return parts[1] if len(parts) > 2 and parts[1] in DRIVE_ROOMS else "planning"
    if path.startswith(HOUSE_SOURCES) or parts[0] not in ("schools", "students"):
        return "house"
    return parts[0]


def texts_in(source: str, path: str) -> Iterator[Text]:
    """The texts of one Python file or template."""
    if path.endswith(TEMPLATE_SUFFIXES):
        # Without indentation, which means nothing here and everything to a reader of Python.
        source = LEADING_SPACE.sub("", templatize(source, origin=path))
    for line, found, _comments, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
        singular, plural = (found, "") if isinstance(found, str) else (found[0], found[1])
        if singular:
            yield Text(context or "", singular, plural, [(path, line)])


def sources(base: Path) -> Iterator[Path]:
    for folder in SOURCE_FOLDERS:
        for path in sorted((base / folder).rglob("*")):
            if path.suffix in (".py", *TEMPLATE_SUFFIXES) and not {"migrations", "__pycache__"} & set(path.parts):
                yield path


def texts_by_room(base: Path) -> dict[str, dict[Key, Text]]:
    rooms: dict[str, dict[Key, Text]] = {room: {} for room in ROOMS}
    for file in sources(base):
        path = file.relative_to(base).as_posix()
        found = rooms[room_of(path)]
        for text in texts_in(file.read_text(), path):
            known = found.setdefault(text.key, Text(text.context, text.singular, text.plural))
            known.plural = known.plural or text.plural
            known.places += text.places
    return rooms


def catalogue_path(base: Path, room: str) -> Path:
    return base / "locale" / room / "id" / "LC_MESSAGES" / "django.po"


def empty_catalogue() -> Catalog:
    """With our own header: Babel gives Indonesian two forms of number, Django's catalogues give it one."""
    return read_po(io.StringIO(HEADER))


def read_catalogue(path: Path) -> Catalog:
    if not path.exists():
        return empty_catalogue()
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, abort_invalid=True)
    except PoFileError as error:
        raise CommandError(f"{path}: {error}") from error
    catalogue.mime_headers = empty_catalogue().mime_headers
    return catalogue


def key_of(message: Message) -> Key:
    return message.context or "", _first(message.id)


def translation_of(message: Message) -> str:
    """The Indonesian text; the language has one form for every number."""
    return _first(message.string)


def _first(words: Any) -> str:
    """Babel keeps one text as a string, a singular with its plural as a sequence."""
    return words if isinstance(words, str) else words[0]


def entries(catalogue: Catalog) -> dict[Key, Message]:
    return {key_of(message): message for message in catalogue if message.id}


def translated(catalogue: Catalog) -> dict[Key, str]:
    return {key: translation_of(message) for key, message in entries(catalogue).items() if translation_of(message)}


def updated(*, texts: dict[Key, Text], old: Catalog, earlier: dict[Key, str], memory: dict[Key, str], prune: bool) -> Catalog:
    """A room's new catalogue: its texts that no earlier room says, with every translation that is known.

    What is translated but found in no source stays, unless `prune`: somebody may be ahead of the code.
    """
    new = empty_catalogue()
    known = translated(old)
    for key, text in texts.items():
        said = known.get(key, "")
        if key in earlier and said in ("", earlier[key]):
            continue
        _add(new, text, said or memory.get(key, ""), fuzzy=key in known and entries(old)[key].fuzzy)
    for key, said in known.items():
        if key not in texts and not prune and earlier.get(key) != said:
            message = entries(old)[key]
            _add(new, Text(*key, plural="" if isinstance(message.id, str) else message.id[1]), said, fuzzy=message.fuzzy)
    return new


def _add(catalogue: Catalog, text: Text, said: str, *, fuzzy: bool) -> None:
    catalogue.add(
        (text.singular, text.plural) if text.plural else text.singular,
        (said,) if text.plural else said,
        locations=[(path, line) for path, line in text.places],
        flags=("fuzzy",) if fuzzy else (),
        context=text.context or None,
    )


def write(path: Path, content: bytes) -> None:
    """Whole or not at all: others read these files while we work."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def as_po(catalogue: Catalog) -> bytes:
    body = io.BytesIO()
    write_po(body, catalogue, width=120, omit_header=True, sort_by_file=True, include_lineno=False)
    return HEADER.encode() + body.getvalue().strip(b"\n") + b"\n"


def as_mo(catalogue: Catalog) -> bytes:
    body = io.BytesIO()
    write_mo(body, catalogue)
    return body.getvalue()


def faults(texts: dict[str, dict[Key, Text]], catalogues: dict[str, Catalog]) -> Iterator[str]:
    """One line for each thing amiss, room by room."""
    said: dict[Key, tuple[str, str]] = {}
    for number, room in enumerate(ROOMS):
        own = entries(catalogues[room])
        for key, message in own.items():
            if translation_of(message):
                first_room, first = said.setdefault(key, (room, translation_of(message)))
                if first != translation_of(message):
                    yield f"{room}: said otherwise than in {first_room}: {key[1]!r}"
                yield from _entry_faults(room, message)
            if not any(key in texts[later] for later in ROOMS[number:]):
                yield f"{room}: stale, in no source: {key[1]!r}"
        for key, text in texts[room].items():
            if key not in said:
                path, line = text.places[0]
                yield f"{room}: not translated: {key[1]!r} ({path}:{line})"


def _entry_faults(room: str, message: Message) -> Iterator[str]:
    if message.fuzzy:
        yield f"{room}: fuzzy, to be confirmed: {key_of(message)[1]!r}"
    # Only the plural surely names its number: "one minute ago", "%(count)d minutes ago".
    wanted = message.id if isinstance(message.id, str) else message.id[-1]
    if _placeholders(wanted) != _placeholders(translation_of(message)):
        yield f"{room}: placeholders differ: {key_of(message)[1]!r}"


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


class Command(BaseCommand):
    help = "Update, compile or check the catalogues of translations, one a room."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--update", action="store_true", help="ask for what is new; translations are kept")
        what.add_argument("--compile", action="store_true", help="write the .mo files that Django reads")
        what.add_argument("--check", action="store_true", help="fail on what is missing, stale, fuzzy or contradictory")
        parser.add_argument("--prune", action="store_true", help="with --update: drop what no source says any more")
        parser.add_argument("rooms", nargs="*", metavar="room", help=f"only these, of {', '.join(ROOMS)}")

    def handle(self, *args: Any, **options: Any) -> None:
        unknown = set(options["rooms"]) - set(ROOMS)
        if unknown:
            raise CommandError(f"No such room: {', '.join(sorted(unknown))}. There are {', '.join(ROOMS)}.")
        rooms = [room for room in ROOMS if room in (options["rooms"] or ROOMS)]
        base = Path(settings.BASE_DIR)
        if options["update"]:
            self._update(base, rooms, prune=options["prune"])
        elif options["compile"]:
            self._compile(base, rooms)
        else:
            self._check(base, rooms)

    def _update(self, base: Path, rooms: Iterable[str], *, prune: bool) -> None:
        texts = texts_by_room(base)
        catalogues = {room: read_catalogue(catalogue_path(base, room)) for room in ROOMS}
        memory = {key: said for room in reversed(ROOMS) for key, said in translated(catalogues[room]).items()}
        earlier: dict[Key, str] = {}
        for room in ROOMS:
            if room in rooms:
                catalogues[room] = updated(texts=texts[room], old=catalogues[room], earlier=earlier, memory=memory, prune=prune)
                if texts[room] or catalogue_path(base, room).exists():
                    write(catalogue_path(base, room), as_po(catalogues[room]))
                open_texts = len(entries(catalogues[room])) - len(translated(catalogues[room]))
                self.stdout.write(f"{room}: {len(entries(catalogues[room]))} texts, {open_texts} to translate")
            earlier = translated(catalogues[room]) | earlier

    def _compile(self, base: Path, rooms: Iterable[str]) -> None:
        for room in rooms:
            path = catalogue_path(base, room)
            if path.exists():
                write(path.with_suffix(".mo"), as_mo(read_catalogue(path)))

    def _check(self, base: Path, rooms: Iterable[str]) -> None:
        catalogues = {room: read_catalogue(catalogue_path(base, room)) for room in ROOMS}
        lines = [line for line in faults(texts_by_room(base), catalogues) if line.split(":")[0] in set(rooms)]
        for line in lines:
            self.stdout.write(line)
        if lines:
            raise CommandError(f"{len(lines)} translations are amiss.")
