from django.apps import AppConfig


class DrivesConfig(AppConfig):
    name = "drives"
    default_auto_field = "django.db.models.BigAutoField"
