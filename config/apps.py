from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        # Tasks find this Celery application, in every process.
        from config import celery, checks  # noqa: F401
