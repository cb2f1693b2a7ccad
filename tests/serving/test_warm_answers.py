"""An answer given twice is one answer; it is computed anew on another day, and a refusal is never kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from httpx import Client

from serving.app import create_app
from serving.model_store import DirectoryStore


def test_the_second_answer_is_the_first_with_its_headers(client: Client) -> None:
    first, second = (client.get("/v1/prices/Dy?as_of=2025-05-05&unit=t") for _ in range(2))
    assert (second.content, dict(second.headers)) == (first.content, dict(first.headers))
    assert "content-security-policy" in second.headers


def test_a_kept_answer_is_given_without_asking_the_desk(client_of: Callable[..., Client], bundle_folder: Path) -> None:
    asked = client_of(bundle_folder)
    first = asked.get("/v1/prices/NdPr")
    asked.app.state.watch.in_use.now.desks.public.price = None  # type: ignore[attr-defined]
    assert asked.get("/v1/prices/NdPr").content == first.content
    assert asked.get("/v1/prices/Dy").status_code == 500


def test_the_next_day_is_another_answer(client: Client, bundle_folder: Path) -> None:
    clock = [date(2026, 4, 1)]
    asked = type(client)(create_app(DirectoryStore(bundle_folder), lambda: clock[0]))
    ages = [asked.get("/v1/prices/NdPr").json()["data_age_days"]]
    clock[0] = date(2026, 4, 2)
    ages.append(asked.get("/v1/prices/NdPr").json()["data_age_days"])
    assert ages == [12, 13]


def test_a_refusal_is_not_kept(client_of: Callable[..., Client], bundle_folder: Path) -> None:
    asked = client_of(bundle_folder)
    assert [asked.get("/v1/prices/Nd").status_code for _ in range(2)] == [422, 422]
