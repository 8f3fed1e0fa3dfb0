from django.urls import path

from drives.schooldays import affected_views, bells, closures, office

urlpatterns = [
    path("schools/<slug:npsn>/closures/", closures.closure_list, name="closure_list"),
    path("schools/<slug:npsn>/closures/add/", closures.closure_add, name="closure_add"),
    path("closures/<uuid:closure_id>/strike/", closures.closure_strike, name="closure_strike"),
    path("offices/<uuid:office_id>/closures/", closures.office_closure_list, name="office_closure_list"),
    path("offices/<uuid:office_id>/closures/add/", closures.office_closure_add, name="office_closure_add"),
    path("schools/<slug:npsn>/bell-times/", bells.bell_times, name="bell_times"),
    path("offices/<uuid:office_id>/calendar/", office.office_calendar, name="office_calendar"),
    path("offices/<uuid:office_id>/hours/", office.office_hours, name="office_hours"),
    path("offices/<uuid:office_id>/holidays/add/", office.holiday_add, name="holiday_add"),
    path("offices/<uuid:office_id>/holidays/strike/", office.holiday_strike, name="holiday_strike"),
    path("holidays/<uuid:holiday_id>/withdraw/", office.holiday_withdraw, name="holiday_withdraw"),
    path("offices/<uuid:office_id>/ramadan/", office.fasting_month_note, name="fasting_month_note"),
    path("fasting-months/<uuid:fasting_month_id>/withdraw/", office.fasting_month_withdraw, name="fasting_month_withdraw"),
    path("closed-days/", affected_views.affected_list, name="affected_list"),
]
