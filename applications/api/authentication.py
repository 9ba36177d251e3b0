"""placeholder"""
from __future__ import annotations
from rest_framework.authentication import BaseAuthentication


class MemberSessionAuthentication(BaseAuthentication):
    def authenticate(self, request):
        return None
