"""The door: only so many tries, whoever asks."""

import pytest
from django.contrib.auth import get_user_model


@pytest.mark.django_db
def test_sign_in_is_limited_after_five_failures(client):
    get_user_model().objects.create_superuser("ana@demo.example", "Ana", "pass")
    data = {"login": "nobody@demo.example", "password": "guess"}
    answers = [client.post("/account/login/", data) for _ in range(6)]
    assert [answer.status_code for answer in answers[:5]] == [200] * 5
    assert "Too many failed" not in answers[4].content.decode()
    assert answers[5].status_code == 429 or "Too many failed" in answers[5].content.decode()
