"""The log of notices, the texts of a drive, and what people decide about them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from drives.models import Drive, Notice, SlotRequest
from drives.notices import actions, log, wording
from drives.notices.chance_wording import class_text_of_chances
from drives.notices.chances import Chances, chances_of
from drives.notices.schedule import class_schedules
from schools.access import requires
from schools.models import Role, User

PAGE_SIZE = 50
LOG_OF_A_DRIVE = 500


def signed_in(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@requires(Role.PLANNER)
@require_GET
def notice_list(request: HttpRequest) -> TemplateResponse:
    user, now = signed_in(request), timezone.now()
    visible = Notice.objects.visible_to(user)
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    chosen = log.in_state(visible, state, now=now)
    if kind in Notice.Kind.values:
        chosen = chosen.filter(kind=kind)
    page = Paginator(chosen.order_by("-due_at", "-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "entries": log.entries(page.object_list, now=now),  # type: ignore[arg-type]  # a slice of the query set
        "state": state,
        "kind": kind,
        "states": [(value, look.label) for value, look in log.LOOKS.items()],
        "kinds": Notice.Kind.choices,
        "uncertain_count": visible.filter(log.uncertain(now=now)).count(),
        "failed_count": visible.filter(failed_at__isnull=False).count(),
    }
    return TemplateResponse(request, "drives/notices/notice_list.html", context)


@requires(Role.PLANNER, Role.SCHOOL_ADMIN)
@require_GET
def drive_notices(request: HttpRequest, pk: UUID) -> TemplateResponse:
    user, now = signed_in(request), timezone.now()
    found = Drive.objects.visible_to(user).select_related("office", "school")
    drive = get_object_or_404(found, pk=pk)
    notices = Notice.objects.visible_to(user).filter(drive=drive).order_by("due_at", "pk")
    entries = log.entries(notices[:LOG_OF_A_DRIVE], now=now)
    shares = {
        entry.notice.class_group_id: entry
        for entry in entries
        if entry.notice.channel == Notice.Channel.COPY
        and entry.notice.kind == Notice.Kind.PUBLISHED
        and entry.notice.revision == drive.revision
    }
    texts = [
        (schedule, wording.class_text(drive, schedule), shares.get(schedule.class_group_id))
        for schedule in class_schedules(drive)
        if schedule.class_group_id
    ]
    is_planner = user.has_role(Role.PLANNER)
    requests = SlotRequest.objects.visible_to(user).filter(drive=drive).unanswered()
    context = {
        "drive": drive,
        "texts": texts,
        "chance_texts": _texts_of_chances(entries, now=now),
        "entries": [entry for entry in entries if entry.notice.channel == Notice.Channel.EMAIL],
        "requests": requests.select_related("visit__person").order_by("requested_at", "pk"),
        "statement": actions.statement(drive, now=now) if drive.status == Drive.Status.DRAFT else None,
        "may_decide": is_planner,
    }
    return TemplateResponse(request, "drives/notices/drive_notices.html", context)


def _texts_of_chances(entries: Sequence[log.Entry], *, now: datetime) -> list[tuple[str, str, log.Entry]]:
    """Of who missed a day, for the class: as long as anybody of it has another chance ahead."""
    found = []
    told: dict[tuple[UUID, UUID], dict[UUID | None, Chances]] = {}
    for entry in entries:
        notice = entry.notice
        is_text = notice.kind == Notice.Kind.CHANCE and notice.channel == Notice.Channel.COPY and not notice.withdrawn_at
        if not is_text or notice.drive_day is None or notice.school is None:
            continue
        key = (notice.drive_day.pk, notice.school.pk)
        if key not in told:
            told[key] = chances_of(notice.drive_day, notice.school, now=now)
        if chances := told[key].get(notice.class_group_id):
            found.append((notice.recipient, class_text_of_chances(notice.drive_day, notice.recipient, chances), entry))
    return found


@requires(Role.PLANNER)
@require_POST
def notice_resend(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _decide(request, pk, actions.resend, _("The notice will be sent again."))


@requires(Role.PLANNER, Role.SCHOOL_ADMIN)
@require_POST
def notice_mark_sent(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A text that was pasted, by whom it concerns; an uncertain e-mail, by planners."""
    return _decide(request, pk, actions.mark_sent, _("Noted."))


def _decide(request: HttpRequest, pk: UUID, action: Callable[..., None], done: str) -> HttpResponse:
    user = signed_in(request)
    notices = Notice.objects.visible_to(user)
    if not user.has_role(Role.PLANNER):
        notices = notices.filter(channel=Notice.Channel.COPY)
    notice = get_object_or_404(notices, pk=pk)
    try:
        action(notice=notice, by=user, now=timezone.now())
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, done)
    return redirect(_back(request, notice))


def _back(request: HttpRequest, notice: Notice) -> str:
    """The page from which the button was pressed, if it is one of ours."""
    wanted = request.POST.get("next", "")
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return reverse("drives:drive_notices", args=[notice.drive_id]) if notice.drive_id else reverse("drives:notice_list")


@requires(Role.PLANNER, Role.SCHOOL_ADMIN)
@require_POST
def slot_request_answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in(request)
    found = get_object_or_404(SlotRequest.objects.visible_to(user), pk=pk)
    actions.answer_request(slot_request=found, by=user, now=timezone.now())
    messages.success(request, _("The request is settled."))
    return redirect("drives:drive_notices", found.drive_id)
