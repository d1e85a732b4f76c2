"""The graded notebook with the outputs of the learner's cells, in nbformat 4: what a mentor and the learner look at afterwards.

Every output was written by a process that ran learner's code: only known shapes pass, up to a size, and whoever shows them sanitises.
Test cells appear as the learner knows them, without what is hidden.
"""

import json
from collections.abc import Mapping
from typing import Any

from .graft import Grafted
from .handout import cell_json, visible


def executed(grafted: Grafted, ran: Mapping[str, Mapping[str, Any]], *, max_bytes: int) -> dict[str, Any]:
    """`ran` maps a cell's id to what the run reported of it: `{"execution_count", "outputs"}`."""
    room = max_bytes
    cells = []
    for cell in grafted.source.cells:
        made = cell_json(cell, grafted.text(cell) if cell.is_answer else visible(cell))
        if cell.id in ran:
            count = ran[cell.id].get("execution_count")
            made["execution_count"] = count if type(count) is int else None
            outputs = ran[cell.id].get("outputs")
            for output in outputs if isinstance(outputs, list) else ():
                shaped = _shaped(output)
                size = len(json.dumps(shaped))
                if shaped is None or size > room:
                    continue
                room -= size
                made["outputs"].append(shaped)
        cells.append(made)
    metadata = {"language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _shaped(output: Any) -> dict[str, Any] | None:
    """An output as nbformat 4 defines it, or None for anything else."""
    match output:
        case {"output_type": "stream", "name": "stdout" | "stderr" as name, "text": str(text)}:
            return {"output_type": "stream", "name": name, "text": text}
        case {"output_type": "error", "ename": str(name), "evalue": str(value), "traceback": [*lines]}:
            return {
                "output_type": "error",
                "ename": name,
                "evalue": value,
                "traceback": list(map(str, lines)),
            }
        case {"output_type": "display_data" | "execute_result" as kind, "data": dict(data)}:
            shaped: dict[str, Any] = {"output_type": kind, "data": _bundle(data), "metadata": {}}
            if kind == "execute_result":
                count = output.get("execution_count")
                shaped["execution_count"] = count if type(count) is int else None
            return shaped
        case _:
            return None


def _bundle(data: Mapping[str, Any]) -> dict[str, Any]:
    """MIME bundle: text, except that JSON types may hold what JSON can say."""
    return {mime: part for mime, part in data.items() if isinstance(part, str) or mime.endswith("json")}
