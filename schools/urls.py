"""Sign-in, schools, offices, users."""

from django.urls import path

from schools.accounts import views as accounts
from schools.directory import views as directory
from schools.offices import views as offices
from schools.staff import views as staff

app_name = "schools"
urlpatterns = [
    path("sign-in/", accounts.sign_in, name="sign_in"),
    path("language/", accounts.language, name="language"),
    path("sign-out/", accounts.sign_out, name="sign_out"),
    path("profile/", accounts.profile, name="profile"),
    path("profile/password/", accounts.password_change, name="password_change"),
    path("set-password/<str:uidb64>/<str:token>/", accounts.password_set, name="password_set"),
    path("schools/add/", directory.school_add, name="school_add"),
    path("schools/<slug:npsn>/edit/", directory.school_edit, name="school_edit"),
    path("offices/", offices.office_list, name="office_list"),
    path("offices/<uuid:office_id>/", offices.office_edit, name="office_edit"),
    path("users/", staff.user_list, name="user_list"),
    path("users/add/", staff.user_add, name="user_add"),
    path("users/<uuid:user_id>/", staff.user_detail, name="user_detail"),
    path("users/<uuid:user_id>/link/", staff.user_link, name="user_link"),
    path("users/<uuid:user_id>/activate/", staff.user_activate, name="user_activate"),
    path("users/<uuid:user_id>/deactivate/", staff.user_deactivate, name="user_deactivate"),
    path("users/<uuid:user_id>/grants/", staff.grant_add, name="grant_add"),
    path("grants/<uuid:grant_id>/end/", staff.grant_end, name="grant_end"),
]
