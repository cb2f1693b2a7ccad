"""The shape of answers about contract templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TemplateBrief:
    """One template in the list, with the inputs it cannot do without."""

    name: str
    title: str
    parties: dict[str, str]
    status: str
    about: str
    required_inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TemplatesAnswer:
    """Every template, in the order of the market's attention."""

    templates: tuple[TemplateBrief, ...]


@dataclass(frozen=True, slots=True)
class PublicOut:
    """What is public of one term: in words, with the source and the day it became known.

    `fact` is the row of the dataset's facts that holds it; null where the source was read for the template.
    """

    term: str
    says: str
    source: str
    as_of: str
    confidence: str
    fact: str | None


@dataclass(frozen=True, slots=True)
class TemplateInput:
    """What is not public: the question to ask the parties, and what an answer may be.

    `public_figure` holds unless another one is stated; null where nothing is public and nothing is assumed.
    """

    name: str
    asks: str
    allowed: str
    required: bool
    public_figure: Any


@dataclass(frozen=True, slots=True)
class TemplateAnswer:
    """One template: public terms with their sources, open ones as questions; `needs` is what a settlement must be told.

    In `terms` an open term stands as `{"input": NAME}`, and what rests on whether an input is stated as
    `{"given": NAME, "then": ..., "otherwise": ...}`.
    """

    name: str
    title: str
    parties: dict[str, str]
    status: str
    about: str
    public: tuple[PublicOut, ...]
    inputs: tuple[TemplateInput, ...]
    needs: tuple[str, ...]
    terms: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FilledAnswer:
    """A template with its inputs: a whole contract, ready to be settled or valued, and which of it is public."""

    template: str
    title: str
    contract: dict[str, Any]
    inputs: dict[str, Any]
    public: tuple[PublicOut, ...]
    needs: tuple[str, ...]
