from django.urls import path

from students.consents import views

urlpatterns = [
    path("consents/", views.consent_list, name="consent_list"),
    path("consents/wording/", views.consent_wording, name="consent_wording"),
    path("consents/classes/<uuid:class_id>/homeroom/", views.homeroom_note, name="homeroom_note"),
    path("consents/<uuid:person_id>/", views.consent_detail, name="consent_detail"),
    path("consents/<uuid:person_id>/give/", views.consent_give, name="consent_give"),
    path("consents/<uuid:person_id>/withdraw/", views.consent_withdraw, name="consent_withdraw"),
]
