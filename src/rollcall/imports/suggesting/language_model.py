"""A language model's opinion of columns that nothing else has recognised, if one is set up.

Any server that speaks the protocol of OpenAI's chat completions. It is told names and the shapes of
some cells, never a cell; what it answers is a proposal, and the cells have their say on it as on
every other one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from pydantic import BaseModel, Field, ValidationError, field_validator

from rollcall.circuit import Circuit
from rollcall.config import Settings
from rollcall.imports.matching.proposals import Proposal
from rollcall.imports.matching.suggestions import SuggestedColumn, Target

log = structlog.get_logger(__name__)

# Whoever uploads a file waits for it.
SECONDS = 5.0
PAUSE_SECONDS = 60.0
MAX_COLUMNS = 50
MAX_SAMPLES = 3
MAX_NAME_CHARACTERS = 100
MAX_SHAPE_CHARACTERS = 40
MAX_ANSWER_BYTES = 64 * 1024
TASK = """\
A person uploads a table of contacts. You get columns whose meaning is not known: their index,\
 their name and the shapes of some cells, in which letters are written as x or X and digits as 9.
Answer with JSON only: {"columns": [{"index": 0, "target": "first_name"}]}.
`target` is one of email, first_name, last_name, full_name and unsubscribed, which is a column that\
 states whether the person no longer wants mail. Leave out columns that are something else, and\
 those that you are not sure of.\
"""


class _Proposed(BaseModel):
    index: int
    target: Target

    @field_validator("target")
    @classmethod
    def _check_target(cls, target: Target) -> Target:
        if target is Target.PROPERTY:
            raise ValueError("only fields of contacts are asked for")
        return target


class _Answer(BaseModel):
    columns: list[_Proposed] = Field(max_length=MAX_COLUMNS)


class LanguageModel:
    """Asks a server about columns; what goes wrong is logged, and nobody waits for it longer."""

    def __init__(self, url: str, model: str, key: str):
        # Most servers have none, and need not load it.
        import httpx

        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.AsyncClient(
            base_url=url, headers=headers, timeout=SECONDS, trust_env=False
        )
        self._model = model
        self._circuit = Circuit(PAUSE_SECONDS)

    @classmethod
    def of(cls, settings: Settings) -> LanguageModel | None:
        """Return the one that is set up."""
        if not settings.llm_url:
            return None
        return cls(settings.llm_url, settings.llm_model, settings.llm_key)

    async def aclose(self) -> None:
        await self._client.aclose()

    async def propose(self, columns: Sequence[SuggestedColumn]) -> Mapping[int, Proposal]:
        """Return what columns may be, by their indices; nothing when no answer can be had."""
        asked = columns[:MAX_COLUMNS]
        if not asked or not self._circuit.lets_through():
            return {}
        try:
            async with asyncio.timeout(SECONDS):
                proposed = read_answer(await self._ask(asked))
        except Exception as error:  # noqa: BLE001  (whatever it is, the import goes on without)
            if self._circuit.failed():
                log.warning("the language model is of no use", error=repr(error))
            return {}
        self._circuit.succeeded()
        indices = {column.index for column in asked}
        source = f"The language model {self._model}"
        return {
            index: Proposal(target=target, source=source)
            for index, target in proposed
            if index in indices
        }

    async def _ask(self, columns: Sequence[SuggestedColumn]) -> bytes:
        question = {
            "model": self._model,
            "temperature": 0,
            "response_format": {"type": "json_object"},
            "messages": [
                {"role": "system", "content": TASK},
                {"role": "user", "content": json.dumps([describe(one) for one in columns])},
            ],
        }
        answer = b""
        async with self._client.stream("POST", "chat/completions", json=question) as response:
            response.raise_for_status()
            async for data in response.aiter_bytes():
                answer += data
                if len(answer) > MAX_ANSWER_BYTES:
                    raise ValueError("the answer is longer than it can be")
        return answer


def describe(column: SuggestedColumn) -> dict[str, Any]:
    """Return what a model is told of a column."""
    samples = [shape_of(sample) for sample in column.samples[:MAX_SAMPLES]]
    return {
        "index": column.index,
        "name": column.name[:MAX_NAME_CHARACTERS],
        "shapes": list(dict.fromkeys(samples)),
    }


def shape_of(cell: str) -> str:
    """Return a cell with all letters and digits masked, shortened.

    So is all else beyond ASCII: in many scripts vowels are marks and no letters.
    """
    return "".join(map(_mask, cell[:MAX_SHAPE_CHARACTERS]))


def _mask(character: str) -> str:
    if character.isnumeric():
        return "9"
    if character.isalpha() or not character.isascii():
        return "X" if character.isupper() else "x"
    return character


def read_answer(body: bytes) -> list[tuple[int, Target]]:
    """Return what a completion says of columns, by their indices.

    Raises:
        ValueError: it is none, or is not what was asked for.
    """
    try:
        content = json.loads(body)["choices"][0]["message"]["content"]
        return [(each.index, each.target) for each in _Answer.model_validate_json(content).columns]
    except (KeyError, IndexError, TypeError, ValidationError) as error:
        raise ValueError(f"the answer is not what was asked for: {error!r}") from None
