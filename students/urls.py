"""Students and the rosters that bring them."""

from django.urls import URLPattern, URLResolver

app_name = "students"
urlpatterns: list[URLPattern | URLResolver] = []
