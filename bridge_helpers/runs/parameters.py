"""
A notebook's parameters: what it declares, and values for them, checked by name and type.

Papermill itself only warns about a parameter that a notebook does not have, guesses types
from texts (`+15551234567` becomes a number), and saves whatever it is given into the
notebook. Here each value has the type that is declared, and a secret is refused.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from ..errors import InvalidInput
from ..forms import API_KEY
from ..settings import Credentials, Secret

TAG: Final = "parameters"
AUTH_TOKEN: Final = re.compile(r"[0-9a-f]{32}")
"""The form of an auth token (Twilio docs: iam/api/authtoken). No parameter has it: the sids of
things have two letters in front."""
WORDS: Final = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Parameter:
    """
    One that a notebook declares.

    Attributes:
        kind: `str`, `bool`, `int` or `float`, as it is annotated.
        default: The value that the notebook has without it.
    """

    name: str
    kind: type
    default: Any


def declared(notebook: Path) -> dict[str, Parameter]:
    """
    What a notebook's cell tagged `parameters` declares, by name.

    Raises:
        InvalidInput: It is not a notebook, or its cell has something else than annotated
            values of the four kinds.
    """
    found = {}
    for source in _tagged(notebook):
        try:
            statements = ast.parse(source).body
        except SyntaxError as error:
            raise _not_plain(notebook, f"line {error.lineno} is not Python") from None
        for statement in statements:
            one = _parameter(statement)
            if one is None:
                raise _not_plain(notebook, f"{ast.unparse(statement)[:60]!r} is none")
            found[one.name] = one
    return found


def typed(
    notebook: Path, given: Mapping[str, object], secrets: Collection[Secret] = ()
) -> dict[str, Any]:
    """
    Values as the notebook declares them: texts are read, other values have to fit already.

    Args:
        given: Name to value. The text of a `str` stays as it is.
        secrets: Those in use, see `sources.secrets`: no value may contain one.

    Raises:
        InvalidInput: An unknown name, a value of another type, or a secret, which is not shown.
    """
    known, taken = declared(notebook), {}
    for name, value in given.items():
        refuse_secret(name, value, secrets)
        if name not in known:
            names = ", ".join(sorted(known)) or "none"
            # Its value is not shown: whoever gives an `api_secret` means a secret.
            raise InvalidInput(name, Secret("hidden"), f"the notebook's parameters are {names}")
        taken[name] = converted(known[name], value)
    return taken


def converted(parameter: Parameter, value: object) -> Any:
    """
    A value of the parameter's kind.

    Raises:
        InvalidInput: It is not one.
    """
    kind, rule = parameter.kind, _RULES[parameter.kind]
    if isinstance(value, str) and kind is not str:
        try:
            value = _READERS[kind](value.strip())
        except ValueError:
            raise InvalidInput(parameter.name, value, rule) from None
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise InvalidInput(parameter.name, value, rule)
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            # Bytes of a command line that are not UTF-8; no notebook could hold them.
            raise InvalidInput(parameter.name, value, "it has to be text in UTF-8") from None
    return value


def refuse_secret(name: str, value: object, secrets: Collection[Secret]) -> None:
    """
    Keep credentials out of notebooks, files and messages.

    Raises:
        InvalidInput: It is a secret, contains one in use, or has the form of one.
    """
    text = value if isinstance(value, str) else ""
    if (
        isinstance(value, Secret | Credentials)
        or any(secret.reveal() in text for secret in secrets if secret)
        or API_KEY.fullmatch(text.strip())
        or AUTH_TOKEN.fullmatch(text.strip())
    ):
        raise InvalidInput(
            name,
            Secret("hidden"),
            "credentials are no parameter: a notebook is saved with its parameters",
            "Set them in the environment or in a .env file.",
        )


def _tagged(notebook: Path) -> list[str]:
    """The sources of the cells that declare parameters."""
    try:
        cells = msgspec.json.decode(notebook.read_bytes(), type=_Notebook).cells
    except (OSError, msgspec.DecodeError) as error:
        raise InvalidInput(
            "notebook", str(notebook), f"it has to be a notebook that can be read ({error})"
        ) from None
    return [
        cell.source if isinstance(cell.source, str) else "".join(cell.source)
        for cell in cells
        if cell.cell_type == "code" and TAG in cell.metadata.get("tags", ())
    ]


def _parameter(statement: ast.stmt) -> Parameter | None:
    """A statement as `name: kind = value`, or None."""
    if not (
        isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and isinstance(statement.annotation, ast.Name)
        and statement.value is not None
    ):
        return None
    kind = _KINDS.get(statement.annotation.id)
    try:
        default = ast.literal_eval(statement.value)
    except ValueError:
        return None
    return Parameter(statement.target.id, kind, default) if kind else None


def _not_plain(notebook: Path, why: str) -> InvalidInput:
    return InvalidInput(
        "notebook",
        str(notebook),
        "its cell of parameters has to hold lines as `name: str = value`, of kind str, bool, int "
        f"or float; {why}",
    )


def _bool(text: str) -> bool:
    if text.lower() not in WORDS:
        raise ValueError(text)
    return WORDS[text.lower()]


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


class _Cell(msgspec.Struct):
    cell_type: str
    source: str | list[str] = ""
    metadata: dict[str, Any] = {}


class _Notebook(msgspec.Struct):
    cells: list[_Cell]


_READERS: Final[dict[type, Callable[[str], Any]]] = {bool: _bool, int: int, float: _float}
_KINDS: Final[dict[str, type]] = {"str": str, "bool": bool, "int": int, "float": float}
_RULES: Final[dict[type, str]] = {
    str: "it has to be a text",
    bool: "it has to be true or false",
    int: "it has to be a whole number",
    float: "it has to be a number",
}
