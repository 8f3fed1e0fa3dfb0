from django.urls import path

from drives.feeds import views

urlpatterns = [
    path("feeds/", views.feed_list, name="feed_list"),
    path("feeds/make/", views.feed_make, name="feed_make"),
    path("feeds/<uuid:feed_id>/renew/", views.feed_renew, name="feed_renew"),
    path("feeds/<uuid:feed_id>/revoke/", views.feed_revoke, name="feed_revoke"),
    path("feeds/<str:token>.ics", views.feed, name="feed"),
]
