"""A drive from planning to coverage; one namespace for all rooms."""

from django.urls import URLPattern, URLResolver

app_name = "drives"
urlpatterns: list[URLPattern | URLResolver] = []
