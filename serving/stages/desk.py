"""Ladder and tariff from the bytes of a request to those of an answer; a model is opened only for its own prices."""

from __future__ import annotations

from serving.bodies import read_body, write_body
from serving.stages.ladder_answer import ladder_answer
from serving.stages.ladder_question import read_ladder
from serving.stages.start import OpenBook
from serving.stages.tariff_answer import tariff_answer
from serving.stages.tariff_question import read_tariff


def ladder_of(body: bytes, open_book: OpenBook) -> bytes:
    """Return what a kilogram costs at each stage from ore to magnet; InputError with every fault of the body."""
    return write_body(ladder_answer(read_ladder(read_body(body), open_book)))


def tariff_of(body: bytes, open_book: OpenBook) -> bytes:
    """Return the tariff that lifts each import to its reference price; InputError with every fault of the body."""
    return write_body(tariff_answer(read_tariff(read_body(body), open_book)))
