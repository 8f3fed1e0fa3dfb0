"""The catalogues: extraction, one a room, nothing lost, nothing contradictory."""

import tomllib
from pathlib import Path

import pytest
from babel.messages import Catalog
from django.conf import settings
from django.core.management import CommandError, call_command
from pytest_django import Settings

from schools.management.commands import messages
from schools.management.commands.messages import ROOMS, Text, room_of


@pytest.fixture
def base(tmp_path: Path, settings: Settings) -> Path:
    settings.BASE_DIR = tmp_path
    return tmp_path


def put(base: Path, path: str, text: str) -> None:
    file = base / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def put_catalogue(base: Path, room: str, body: str) -> None:
    put(base, f"locale/{room}/id/LC_MESSAGES/django.po", messages.HEADER + body)


def catalogue(base: Path, room: str) -> Catalog:
    return messages.read_catalogue(messages.catalogue_path(base, room))


def said(base: Path, room: str) -> dict[str, str]:
    return {key[1]: messages.translation_of(entry) for key, entry in messages.entries(catalogue(base, room)).items()}


@pytest.mark.parametrize(
    ("path", "room"),
    [
        ("templates/base.html", "house"),
        ("config/urls.py", "house"),
        ("schools/templatetags/house.py", "house"),
        ("schools/models/user.py", "schools"),
        ("templates/schools/sign_in.html", "schools"),
        ("students/roster/actions.py", "students"),
        ("drives/models/drive.py", "planning"),
        ("drives/apps.py", "planning"),
        ("templates/drives/home.html", "planning"),
        ("templates/drives/coverage/_league.html", "coverage"),
        ("drives/onsite/views.py", "onsite"),
    ],
)
def test_every_source_belongs_to_one_room(path: str, room: str) -> None:
    assert room_of(path) == room


def test_texts_of_python_are_found_with_plural_context_and_line() -> None:
    source = '_("One"\n  " sentence")\nngettext("%(n)d day", "%(n)d days", n)\npgettext("month", "May")\nprint("no")\n'

    found = list(messages.texts_in(source, "drives/x.py"))

    assert [(text.context, text.singular, text.plural, text.places) for text in found] == [
        ("", "One sentence", "", [("drives/x.py", 1)]),
        ("", "%(n)d day", "%(n)d days", [("drives/x.py", 3)]),
        ("month", "May", "", [("drives/x.py", 4)]),
    ]


def test_texts_of_templates_are_found_trimmed_plural_and_indented() -> None:
    source = (
        '{% load i18n %}\n  {% translate "Save" %}\n{% if a %}\n    {% blocktranslate trimmed count n=n %}\n'
        "      {{ n }} row\n    {% plural %}\n      {{ n }} rows\n    {% endblocktranslate %}\n{% endif %}\n"
        '{% translate "May" context "month" %}{{ x|default:_("none") }}\n'
    )

    found = [(text.context, text.singular, text.plural) for text in messages.texts_in(source, "templates/a.html")]

    assert sorted(found) == [("", "%(n)s row", "%(n)s rows"), ("", "Save", ""), ("", "none", ""), ("month", "May", "")]


def test_an_update_asks_for_what_is_new_and_keeps_what_is_said(base: Path) -> None:
    put(base, "students/views.py", '_("Save")\n_("New")\n')
    put_catalogue(base, "students", 'msgid "Save"\nmsgstr "Simpan"\n\nmsgid "Ahead of the code"\nmsgstr "Mendahului"\n')

    call_command("messages", "--update")

    assert said(base, "students") == {"Save": "Simpan", "New": "", "Ahead of the code": "Mendahului"}


def test_pruning_drops_what_no_source_says(base: Path) -> None:
    put(base, "students/views.py", '_("Save")\n')
    put_catalogue(base, "students", 'msgid "Save"\nmsgstr "Simpan"\n\nmsgid "Gone"\nmsgstr "Hilang"\n')

    call_command("messages", "--update", "--prune")

    assert said(base, "students") == {"Save": "Simpan"}


def test_what_an_earlier_room_says_is_not_asked_again(base: Path) -> None:
    put(base, "templates/base.html", '{% load i18n %}{% translate "Save" %}')
    put(base, "students/views.py", '_("Save")\n')
    put_catalogue(base, "house", 'msgid "Save"\nmsgstr "Simpan"\n')

    call_command("messages", "--update")

    assert said(base, "students") == {}


def test_a_text_that_moves_to_another_room_takes_its_translation_along(base: Path) -> None:
    put(base, "drives/coverage/views.py", 'ngettext("%(n)d school", "%(n)d schools", n)\n')
    put_catalogue(base, "planning", 'msgid "%(n)d school"\nmsgid_plural "%(n)d schools"\nmsgstr[0] "%(n)d sekolah"\n')

    call_command("messages", "--update", "--prune")

    assert said(base, "planning") == {}
    assert said(base, "coverage") == {"%(n)d school": "%(n)d sekolah"}


def test_an_update_of_one_room_leaves_the_others_alone(base: Path) -> None:
    put(base, "students/views.py", '_("Save")\n')
    put(base, "drives/views.py", '_("Plan")\n')

    call_command("messages", "students", "--update")

    assert messages.catalogue_path(base, "students").exists()
    assert not messages.catalogue_path(base, "planning").exists()


def test_a_second_update_changes_no_byte(base: Path) -> None:
    put(base, "students/views.py", '_("Save")\nngettext("%(n)d day", "%(n)d days", n)\n')
    call_command("messages", "--update")
    first = messages.catalogue_path(base, "students").read_bytes()

    call_command("messages", "--update")

    assert messages.catalogue_path(base, "students").read_bytes() == first


def test_a_catalogue_names_no_machine_no_person_and_no_moment(base: Path) -> None:
    put(base, "students/views.py", '_("Save")\n')

    call_command("messages", "--update")

    text = messages.catalogue_path(base, "students").read_text()
    assert text == messages.HEADER + '#: students/views.py\nmsgid "Save"\nmsgstr ""\n'


def test_the_check_is_silent_when_all_is_well(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(base, "students/views.py", 'ngettext("%(n)d day", "%(n)d days", n)\n')
    put_catalogue(base, "students", 'msgid "%(n)d day"\nmsgid_plural "%(n)d days"\nmsgstr[0] "%(n)d hari"\n')

    call_command("messages", "--check")

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("", "students: not translated: 'Row %(n)s' (students/views.py:2)\n"),
        ('msgid "Row %(n)s"\nmsgstr "Baris"\n', "students: placeholders differ: 'Row %(n)s'\n"),
        ('#, fuzzy\nmsgid "Row %(n)s"\nmsgstr "Baris %(n)s"\n', "students: fuzzy, to be confirmed: 'Row %(n)s'\n"),
        (
            'msgid "Row %(n)s"\nmsgstr "Baris %(n)s"\n\nmsgid "Old"\nmsgstr "Lama"\n',
            "students: stale, in no source: 'Old'\n",
        ),
    ],
)
def test_the_check_names_what_is_amiss(base: Path, capsys: pytest.CaptureFixture[str], body: str, complaint: str) -> None:
    put(base, "students/views.py", '\n_("Row %(n)s")\n')
    put_catalogue(base, "students", body)

    with pytest.raises(CommandError):
        call_command("messages", "--check")

    assert capsys.readouterr().out == complaint


def test_one_text_is_not_said_in_two_ways(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(base, "students/views.py", '_("Save")\n')
    put(base, "drives/views.py", '_("Save")\n')
    put_catalogue(base, "students", 'msgid "Save"\nmsgstr "Simpan"\n')
    put_catalogue(base, "planning", 'msgid "Save"\nmsgstr "Rekam"\n')

    with pytest.raises(CommandError):
        call_command("messages", "--check")

    assert capsys.readouterr().out == "planning: said otherwise than in students: 'Save'\n"


def test_a_damaged_catalogue_is_refused_by_name(base: Path) -> None:
    put(base, "locale/students/id/LC_MESSAGES/django.po", 'msgid "Save"\nmsgid "Again"\nnonsense\n')

    with pytest.raises(CommandError, match=r"locale/students/id/LC_MESSAGES/django\.po"):
        call_command("messages", "--update")


def test_an_unknown_room_is_refused(base: Path) -> None:
    with pytest.raises(CommandError, match="No such room: kitchen"):
        call_command("messages", "kitchen", "--update")


def test_compiling_writes_what_django_reads(base: Path) -> None:
    import gettext

    put_catalogue(base, "house", 'msgid "Save"\nmsgstr "Simpan"\n\nmsgid "%d day"\nmsgid_plural "%d days"\nmsgstr[0] "%d hari"\n')

    call_command("messages", "--compile")

    with messages.catalogue_path(base, "house").with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.gettext("Save") == "Simpan"
    assert [compiled.ngettext("%d day", "%d days", count) for count in (1, 5)] == ["%d hari", "%d hari"]


def test_rooms_stand_in_the_order_of_imports() -> None:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each.get("containers") == ["drives"])
    height = {room.strip("() "): number for number, layer in enumerate(reversed(layers)) for room in layer.split("|")}

    assert ROOMS[:3] == ("house", "schools", "students")
    assert sorted(ROOMS[3:], key=lambda room: height[room]) == list(ROOMS[3:])
    assert Text("", "Save").key == ("", "Save")
