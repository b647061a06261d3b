"""Accounts are kept in the console's own rooms, with roles instead of Django's permissions."""

from django.contrib import admin
from django.contrib.auth.models import Group, User

admin.site.unregister([User, Group])
