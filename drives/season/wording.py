"""The sentences for people that say why a school has its turn, or has none: one for each code of `reasons`."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.season.solver.problem import Part
from schools.templatetags.house import day as day_name
from schools.templatetags.house import figure


def sentences(facts: Iterable[Mapping[str, Any]]) -> list[str]:
    return [said for fact in facts if (said := sentence(fact))]


def sentence(fact: Mapping[str, Any]) -> str:
    """One fact, for people. An unknown code (of an older version) says nothing."""
    say = SAY.get(str(fact.get("code")))
    return say(fact) if say else ""


def days_name(first: date, last: date) -> str:
    """`2 Februari`, `2–6 Februari`, `28 Januari–3 Februari`; with the year where it changes."""
    if first == last:
        return date_format(first, "j F")
    if first.year != last.year:
        return f"{date_format(first, 'j F Y')}–{date_format(last, 'j F Y')}"
    start = f"{first.day}" if first.month == last.month else date_format(first, "j F")
    return f"{start}–{date_format(last, 'j F')}"


def _days(fact: Mapping[str, Any]) -> str:
    return days_name(date.fromisoformat(fact["first"]), date.fromisoformat(fact["last"]))


def _km(fact: Mapping[str, Any]) -> str:
    return f"{fact['km']:.1f}".replace(".", ",")


def _day(fact: Mapping[str, Any], name: str = "day") -> str:
    return day_name(date.fromisoformat(fact[name]))


def _by_deadline(fact: Mapping[str, Any]) -> str:
    if fact["reason"]:
        return _("It is to be visited by %(day)s: %(reason)s.") % {"day": _day(fact), "reason": fact["reason"]}
    return _("It is to be visited by %(day)s.") % {"day": _day(fact)}


def _no_room(fact: Mapping[str, Any]) -> str:
    if "day" in fact:
        return _(
            "Until its deadline, %(day)s, other schools have all kits. Choose a later deadline, add a kit, or pin the school to"
            " a day before it."
        ) % {"day": _day(fact)}
    return _("Other schools, where more people have waited longer, have all kits. Add a kit, or choose a longer period.")


def _seventeen(fact: Mapping[str, Any]) -> str:
    if "reference" in fact:
        what = _figures(fact) | {"day": _day(fact, "reference")}
        return _("Of %(people)s students, %(count)s are 17 on %(day)s, the reference date.") % what
    return _("Of %(people)s students, %(count)s are 17 on the first day.") % _figures(fact)


def _nobody_seventeen(fact: Mapping[str, Any]) -> str:
    if "reference" in fact:
        day = _day(fact, "reference")
        return _("Nobody here is 17 on %(day)s, the reference date; schools with students of 17 come first.") % {"day": day}
    return _("Nobody here is 17 by then; schools with students of 17 come first.")


def _seventeen_first(fact: Mapping[str, Any]) -> str:
    if "reference" in fact:
        return ngettext(
            "%(school)s first: %(count)s student is 17 on %(day)s, the reference date.",
            "%(school)s first: %(count)s students are 17 on %(day)s, the reference date.",
            fact["count"],
        ) % {"school": fact["school"], "count": figure(fact["count"]), "day": _day(fact, "reference")}
    return ngettext(
        "%(school)s first: %(count)s student is already 17.",
        "%(school)s first: %(count)s students are already 17.",
        fact["count"],
    ) % {"school": fact["school"], "count": figure(fact["count"])}


def _holds(fact: Mapping[str, Any]) -> str:
    return _("Kits: %(kits)s. Days: %(days)s. Places: %(places)s, needed: %(needed)s; everybody fits.") % _figures(fact)


def _too_few(fact: Mapping[str, Any]) -> str:
    return _(
        "Kits: %(kits)s. Days: %(days)s. Places: %(places)s, needed: %(needed)s; not everybody fits. Add a kit or a day."
    ) % _figures(fact)


def _figures(fact: Mapping[str, Any]) -> dict[str, str]:
    return {name: figure(value) for name, value in fact.items() if isinstance(value, int)}


def _shares(fact: Mapping[str, Any]) -> str:
    what = {"school": fact["school"], "km": _km(fact)}
    if fact.get("part") == Part.MORNING:
        return _("Shares the day with %(school)s, %(km)s km away: the morning here, the afternoon there.") % what
    return _("Shares the day with %(school)s, %(km)s km away: the afternoon here, the morning there.") % what


SAY: Final[Mapping[str, Any]] = {
    "agreed": lambda fact: _("Agreed with the school."),
    "by_deadline": _by_deadline,
    "after_own_deadline": lambda fact: (
        _("It ends after the school's deadline, %(day)s. Move it, or change the deadline.") % {"day": _day(fact)}
    ),
    "after_deadline": lambda fact: (
        _("It ends after the season's deadline, %(day)s: before it the kits spare others a longer wait.") % {"day": _day(fact)}
    ),
    "deadline": lambda fact: (
        _(
            "No turn for everybody ends by its deadline, %(day)s. Choose a later deadline, or allow more kits or days at one"
            " school."
        )
        % {"day": _day(fact)}
    ),
    "pinned": lambda fact: _("It was pinned by a planner and stays."),
    "by_hand": lambda fact: _("A planner put it here by hand."),
    "kept": lambda fact: _("It stays as in the plan in force."),
    "seventeen_first": _seventeen_first,
    "seventeen": _seventeen,
    "nobody_seventeen": _nobody_seventeen,
    "first_day": lambda fact: _("It is the first working day of the season."),
    "closed_before": lambda fact: (
        _("Not earlier, because the school is closed %(days)s: %(reason)s.") % {"days": _days(fact), "reason": fact["reason"]}
    ),
    "kits_used": lambda fact: _("Not earlier, because all kits are in use %(days)s.") % {"days": _days(fact)},
    "kits_few": lambda fact: (
        _("Not earlier, because fewer than %(kits)s kits are free %(days)s.")
        % {"kits": figure(fact["kits"]), "days": _days(fact)}
    ),
    "dearer_before": lambda fact: _("Earlier was possible, but all schools together would wait longer or vans drive further."),
    "no_run_before": lambda fact: _("Not earlier, because the kits that were left do not suffice for the whole school."),
    "too_young_before": lambda fact: _("Not earlier, because nobody at the school is old enough until then."),
    "no_hours_before": lambda fact: _("Not earlier, because the school's lesson hours leave no time before."),
    "shares_day": _shares,
    "holds": _holds,
    "too_few_places": _too_few,
    "without_position": lambda fact: _(
        "The school has no coordinates, so an average way is reckoned. Enter them on the school's page."
    ),
    "nobody": lambda fact: _("Nobody at this school is waiting to be recorded."),
    "no_day": lambda fact: _("No working day is left in the season. Choose a later last day."),
    "closed": lambda fact: (
        _("The school is closed on every working day of the season (%(reason)s). Choose a longer period, or ask it for a day.")
        % {"reason": fact.get("reason", "")}
    ),
    "no_kit": lambda fact: _(
        "No kit is free on the days on which the school is open. Put more kits in service, or choose a longer period."
    ),
    "too_large": lambda fact: (
        _("It needs %(needed)s places; %(kits)s kits in %(days)s days hold fewer. Allow more kits or more days at one school.")
        % _figures(fact)
    ),
    "no_hours": lambda fact: _("The school's lesson hours leave no time on any day. Ask the school for other hours."),
    "too_young": lambda fact: _("Nobody at the school is old enough during the season. Choose a later last day."),
    "no_room": _no_room,
}
