"""Sign-in, schools, offices, users."""

from django.urls import path

from schools.accounts import views as accounts

app_name = "schools"
urlpatterns = [
    path("sign-in/", accounts.sign_in, name="sign_in"),
    path("sign-out/", accounts.sign_out, name="sign_out"),
    path("profile/", accounts.profile, name="profile"),
    path("profile/password/", accounts.password_change, name="password_change"),
    path("set-password/<str:uidb64>/<str:token>/", accounts.password_set, name="password_set"),
]
