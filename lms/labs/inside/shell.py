"""IPython without a kernel process: runs cells in this process and collects their outputs in nbformat 4.

Outputs come out as a Jupyter kernel would write them (streams, results, display updates, errors with their traceback); what needs
a front end is missing: widgets, and `input()`, which raises EOFError.
"""

import base64
import io
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

Output = dict[str, Any]


class OutputLimit(BaseException):
    """More was printed than a run may print. Not an Exception: a learner's `except Exception` must not print on."""


class Sink:
    """The outputs of the cell that is running. `room` is how many characters are left for the whole run."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.outputs: list[Output] = []
        self._clear_next = False

    def start(self) -> None:
        self.outputs = []
        self._clear_next = False

    def stream(self, name: str, text: str) -> None:
        if not text:
            return
        text = self._take(text)
        last = self.outputs[-1] if self.outputs else {}
        if last.get("output_type") == "stream" and last["name"] == name and not self._clear_next:
            last["text"] += text
        else:
            self._append({"output_type": "stream", "name": name, "text": text})
        self._stop_when_full()

    def add(self, output: Output) -> None:
        if self.room >= 0:
            self.room -= len(str(output))
        if self.room < 0:
            raise OutputLimit
        self._append(output)

    def clear(self, *, wait: bool) -> None:
        self._clear_next = wait
        if not wait:
            self.outputs.clear()

    def update(self, display_id: str, output: Output) -> None:
        for shown in self.outputs:
            if shown.get("transient") == display_id:
                shown["data"], shown["metadata"] = output["data"], output["metadata"]

    def _take(self, text: str) -> str:
        kept = text[: max(self.room, 0)]
        self.room -= len(text)
        return kept

    def _stop_when_full(self) -> None:
        if self.room < 0:
            raise OutputLimit

    def _append(self, output: Output) -> None:
        if self._clear_next:
            self.outputs.clear()
            self._clear_next = False
        self.outputs.append(output)


class Stream(io.TextIOBase):
    """`sys.stdout` while a cell runs. A forked child has a copy of the sink that nobody reads: it writes to the descriptor."""

    encoding = "utf-8"

    def __init__(self, sink: Sink, name: str, descriptor: int) -> None:
        self._sink, self._name, self._descriptor, self._owner = sink, name, descriptor, os.getpid()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self._descriptor

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if os.getpid() == self._owner:
            self._sink.stream(self._name, text)
        else:
            os.write(self._descriptor, text.encode("utf-8", "replace"))
        return len(text)


def _bundle(data: dict[str, Any]) -> dict[str, Any]:
    return {
        mime: base64.b64encode(part).decode() if isinstance(part, bytes) else part
        for mime, part in data.items()
    }


class _Hook(DisplayHook):
    sink: Sink

    def write_output_prompt(self) -> None:
        """The prompt is the execution count of the output."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        self.sink.add(
            {
                "output_type": "execute_result",
                "data": _bundle(format_dict),
                "metadata": md_dict or {},
                "execution_count": self.prompt_count,
            }
        )

    def finish_displayhook(self) -> None:
        """Nothing to flush: results do not go through a terminal."""


class _Publisher(DisplayPublisher):
    sink: Sink

    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        source: str | None = None,  # noqa: ARG002 (IPython's signature)
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        display_id = (transient or {}).get("display_id")
        output: Output = {"output_type": "display_data", "data": _bundle(data), "metadata": metadata or {}}
        if update and display_id is not None:
            self.sink.update(display_id, output)
            return
        if display_id is not None:
            output["transient"] = display_id
        self.sink.add(output)

    def clear_output(self, wait: bool = False) -> None:  # noqa: FBT001, FBT002 (IPython's signature)
        self.sink.clear(wait=wait)


class Shell(InteractiveShell):
    displayhook_class = _Hook
    display_pub_class = _Publisher
    sink: Sink

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        self.sink.add(
            {"output_type": "error", "ename": etype.__name__, "evalue": str(evalue), "traceback": list(stb)}
        )

    def init_readline(self) -> None:
        """There is nobody at a keyboard."""

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no screen."""

    def ask_exit(self) -> None:
        """`exit` in a cell ends the cell, not the run."""


def open_shell() -> Shell:
    """A fresh IPython. `sink.room` is to be set to what its cells may print in all."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell: Shell = Shell.instance(config=config)
    shell.sink = shell.displayhook.sink = shell.display_pub.sink = Sink(0)

    # The first cell of a shell costs more than any other: let it be one of ours, and nothing be left of it.
    untouched = dict(shell.user_ns)
    shell.sink.room = 1000
    run_cells(shell, ["1"], lambda _index, _result: None)
    shell.reset(new_session=True)
    shell.user_ns.update({name: value for name, value in untouched.items() if name not in shell.user_ns})
    shell.execution_count = 1

    def no_input(_prompt: object = "") -> str:
        raise EOFError("input() has nobody to ask while a notebook is graded")

    shell.user_ns["input"] = no_input
    return shell


def run_cells(shell: Shell, sources: list[str], done: Callable[[int, dict[str, Any]], None]) -> bool:
    """Run each source and report `{"execution_count", "outputs"}`. A cell that raises does not stop the next one: that is how
    a learner gets marks for the rest. Return False when the output limit ended the run.
    """
    sink, owner = shell.sink, os.getpid()
    for index, source in enumerate(sources):
        sink.start()
        within = True
        with _captured(sink) as descriptors:
            try:
                shell.run_cell(source, store_history=True)
            except OutputLimit:
                within = False
            except BaseException as error:  # noqa: BLE001 (SystemExit and its like end a cell, not the run)
                sink.outputs.append(
                    {
                        "output_type": "error",
                        "ename": type(error).__name__,
                        "evalue": str(error)[:2000],
                        "traceback": [],
                    }
                )
        if os.getpid() != owner:  # a cell forked, and the child came out of it too: one notebook is enough
            os._exit(0)
        within = within and _collect(sink, descriptors) and sink.room >= 0
        for output in sink.outputs:
            output.pop("transient", None)
        done(index, {"execution_count": shell.execution_count - 1, "outputs": sink.outputs})
        if not within:
            return False
    return True


def _collect(sink: Sink, descriptors: dict[str, BinaryIO]) -> bool:
    """What C code and subprocesses wrote to descriptors 1 and 2, read only as far as there is room."""
    try:
        for name, file in descriptors.items():
            file.seek(0)
            sink.stream(name, file.read(max(sink.room, 0) + 1).decode("utf-8", "replace"))
    except OutputLimit:
        return False
    finally:
        for file in descriptors.values():
            file.close()
    return True


@contextmanager
def _captured(sink: Sink) -> Iterator[dict[str, BinaryIO]]:
    out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 (closed by _collect)
    kept, saved = (sys.stdout, sys.stderr), (os.dup(1), os.dup(2))
    os.dup2(out.fileno(), 1)
    os.dup2(err.fileno(), 2)
    sys.stdout, sys.stderr = Stream(sink, "stdout", 1), Stream(sink, "stderr", 2)
    try:
        yield {"stdout": out, "stderr": err}
    finally:
        sys.stdout, sys.stderr = kept
        for number, copy in zip((1, 2), saved, strict=True):
            os.dup2(copy, number)
            os.close(copy)
