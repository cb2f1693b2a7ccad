"""HEAD answers as GET does, without the body."""

from __future__ import annotations

import re

import pytest
from httpx import Client

BESIDE = ["/docs", "/static/docs.css", "/openapi.json", "/v1/prices/NdPr?as_of=1890-01-01", "/nowhere"]


def as_get(client: Client, path: str) -> None:
    whole, head = client.request("GET", path), client.request("HEAD", path)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert dict(head.headers) == dict(whole.headers)
    assert int(head.headers["content-length"]) == len(whole.content) > 0


def test_every_address_that_is_read_answers_head_as_get_without_a_body(client: Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    read = [path for path, methods in paths.items() if "get" in methods]
    assert "/v1/prices/{material}" in read
    for path in [*read, "/v1/prices/{material}"]:  # a price asked for again comes from what is kept
        as_get(client, re.sub(r"\{\w+\}", "NdPr", path))


@pytest.mark.parametrize("path", BESIDE)
def test_so_do_pages_and_refusals(client: Client, path: str) -> None:
    as_get(client, path)


def test_an_address_that_is_only_written_to_stays_refused(client: Client) -> None:
    answered = client.request("HEAD", "/v1/scenarios")
    assert (answered.status_code, answered.headers["allow"], answered.content) == (405, "POST", b"")
