"""Python's side of the notebook page: IPython in a browser's worker. It is part of the runtime, runs there, and knows nothing of the site.

IPython's public hooks are used, and of what is not public only `_showtraceback`, which kernels override. Everything goes to the
page through `post`, as JSON text.
"""

import base64
import builtins
import io
import json
import math
import os
import random
import sys
import time
from functools import cache
from pathlib import Path

from IPython.core.completer import provisionalcompleter, rectify_completions
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.tokenutil import token_at_cursor
from traitlets.config import Config

FOLDER = "/work"
ENVIRONMENT = {
    "HOME": "/home/learner",
    "IPYTHONDIR": "/tmp/ipython",  # noqa: S108 - of a browser's file system, as the next
    "MPLCONFIGDIR": "/tmp/matplotlib",  # noqa: S108
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}
MOST_TEXT = 1_000_000
"""Characters that one run may print: more helps nobody, and would bury the page."""
MOST_BYTES = 12_000_000
"""Of everything else that one run shows."""
MOST_OUTPUTS = 500
FLUSH_SECONDS = 0.05
FLUSH_CHARACTERS = 16_000
MOST_FILES = 500
MOST_COMPLETIONS = 200


def as_json(value):
    """JSON of `value`; numbers that JSON has none for stand in it as words, as Jupyter writes them."""
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), allow_nan=False)


def _finite(value):
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if isinstance(value, dict):
        return {key if isinstance(key, str) else str(key): _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return value


class Outputs:
    """What one run puts out, on its way to the page and no more than a page can take."""

    def __init__(self, post):
        self.post = post
        self.start(0)

    def start(self, run):
        self.run, self.text, self.bytes, self.count = run, MOST_TEXT, MOST_BYTES, MOST_OUTPUTS
        self._waiting, self._name, self._since, self._cut = [], "stdout", time.monotonic(), False

    def stream(self, name, text):
        if self.text <= 0:
            return
        if name != self._name:
            self.flush()
            self._name = name
        self._waiting.append(text[: self.text])
        self.text -= len(text)
        if self.text <= 0:
            self._tell_cut(f"More than {MOST_TEXT:,} characters were printed: the rest is not shown.")
        elif (
            time.monotonic() - self._since > FLUSH_SECONDS or sum(map(len, self._waiting)) > FLUSH_CHARACTERS
        ):
            self.flush()

    def show(self, output, display=None, *, update=False):
        self.flush()
        size = len(json.dumps(output))
        self.count -= not update
        self.bytes -= size
        if self.count < 0 or self.bytes < 0:
            self._tell_cut("More was shown than a page can take: the rest is left out.")
            return
        self._send("update" if update else "out", output, display)

    def clear(self, wait):
        self.flush()
        self.post(json.dumps({"t": "clear", "run": self.run, "wait": wait}))

    def flush(self):
        self._since = time.monotonic()
        if self._waiting:
            text, self._waiting = "".join(self._waiting), []
            self._send("out", {"output_type": "stream", "name": self._name, "text": text})

    def _send(self, what, output, display=None):
        self.post(as_json({"t": what, "run": self.run, "output": output, "display": display}))

    def _tell_cut(self, why):
        self.flush()
        if not self._cut:
            self._cut = True
            self._send("out", {"output_type": "stream", "name": "stderr", "text": f"\n[{why}]\n"})


class Stream(io.TextIOBase):
    """`sys.stdout` and `sys.stderr`."""

    encoding = "utf-8"

    def __init__(self, outputs, name):
        self._outputs, self.name = outputs, name

    def writable(self):
        return True

    def isatty(self):
        return False

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._outputs.stream(self.name, text)
        return len(text)

    def flush(self):
        self._outputs.flush()


def sleep(seconds, _sleep=time.sleep):
    """In naps, between which an interrupt is noticed."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        _sleep(min(left, 0.1))


def set_zone():
    """Tells `time` of the zone that it is in by now, as it told itself when it was imported; there is no `tzset` in a browser."""
    year = time.localtime().tm_year
    days = [time.localtime(time.mktime((year, month, 1, 12, 0, 0, 0, 0, -1))) for month in (1, 7)]
    winter, summer = sorted(days, key=lambda day: day.tm_gmtoff)
    time.timezone, time.altzone = -winter.tm_gmtoff, -summer.tm_gmtoff
    time.daylight = int(time.timezone != time.altzone)
    time.tzname = (winter.tm_zone, summer.tm_zone)


def bundle(data):
    return {
        mime: base64.b64encode(part).decode() if isinstance(part, bytes) else part
        for mime, part in data.items()
    }


class Hook(DisplayHook):
    def write_output_prompt(self):
        """The prompt is the execution count of the output."""

    def write_format_data(self, format_dict, md_dict=None):
        self.outputs.show(
            {
                "output_type": "execute_result",
                "data": bundle(format_dict),
                "metadata": md_dict or {},
                "execution_count": self.prompt_count,
            }
        )

    def finish_displayhook(self):
        """Nothing to flush: results do not go through a terminal."""


class Publisher(DisplayPublisher):
    def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **_):  # noqa: ARG002
        self.outputs.show(
            {"output_type": "display_data", "data": bundle(data), "metadata": metadata or {}},
            display=(transient or {}).get("display_id"),
            update=update,
        )

    def clear_output(self, wait=False):  # noqa: FBT002 - IPython's signature
        self.outputs.clear(bool(wait))


class Shell(InteractiveShell):
    displayhook_class = Hook
    display_pub_class = Publisher

    def _showtraceback(self, etype, evalue, stb):
        lines = [line for line in "\n".join(stb).split("\n") if "skipping hidden" not in line]
        self.failed = {"ename": etype.__name__, "evalue": str(evalue)[:10_000]}
        self.outputs.show({"output_type": "error", **self.failed, "traceback": lines[-200:]})

    def init_readline(self):
        """There is no terminal."""

    def enable_gui(self, gui=None):
        """Figures are shown under their cell."""

    def ask_exit(self):
        """`exit` ends the cell; the page has a button for Python."""

    def no_programs(self, command):  # noqa: ARG002 - IPython's signature
        raise RuntimeError("Other programs cannot be started from a browser.")

    system = getoutput = getoutput_or_system = no_programs


@cache
def kernel():
    """The kernel of this Python: there is one. It may have been made long before, in the memory that a browser goes on from."""
    return Kernel()


class Kernel:
    """What the worker calls. Answers are JSON text, or bytes. It is of use from `connect` on."""

    def __init__(self):
        self._outputs = Outputs(lambda _text: None)
        self._ask = None
        self._before = {}
        os.environ.update(ENVIRONMENT)
        config = Config()
        config.HistoryManager.enabled = False
        config.Completer.use_jedi = False
        self.shell = shell = Shell.instance(config=config)
        shell.outputs = shell.displayhook.outputs = shell.display_pub.outputs = self._outputs
        sys.stdout, sys.stderr = Stream(self._outputs, "stdout"), Stream(self._outputs, "stderr")

        def asked(prompt="", *, password=False):
            self._outputs.flush()
            return self._ask(self._outputs.run, str(prompt)[:10_000], password)

        def getpass(prompt="Password: ", stream=None):  # noqa: ARG001
            return asked(prompt, password=True)

        time.sleep = sleep
        builtins.input = shell.user_ns["input"] = asked
        sys.modules["getpass"] = type(sys)("getpass")
        sys.modules["getpass"].__dict__.update(
            getpass=getpass, getuser=lambda: "learner", GetPassWarning=UserWarning
        )

    def connect(self, post, ask):
        """To the page that it is for: `post(text)` tells it something, `ask(run, prompt, is_secret)` gives what somebody answered."""
        self._outputs.post, self._ask = post, ask
        # What a memory has of the place where it was made, and all who go on from it would share.
        random.seed()
        set_zone()
        os.chdir(FOLDER)
        self._before = self._look()

    async def run(self, run, code):
        self._outputs.start(run)
        self.shell.failed = None
        try:
            transformed, refused = self._transformed(code)
            await self.shell.run_cell_async(
                code, store_history=True, transformed_cell=transformed, preprocessing_exc_tuple=refused
            )
        except BaseException as error:  # noqa: BLE001 - SystemExit and its like end a cell, not the kernel
            self.shell._showtraceback(type(error), error, [f"{type(error).__name__}: {error}"])
        finally:
            self._outputs.flush()
        failed = self.shell.failed
        status = (
            "ok" if failed is None else "interrupted" if failed["ename"] == "KeyboardInterrupt" else "error"
        )
        return json.dumps({"status": status, "count": self.shell.execution_count - 1, **(failed or {})})

    def _transformed(self, code):
        try:
            return self.shell.transform_cell(code), None
        except Exception:  # noqa: BLE001 - shown as the cell's error
            return code, sys.exc_info()

    def before(self, code):
        """Runs an author's prelude."""
        exec(code, self.shell.user_ns)  # noqa: S102

    def complete(self, code, cursor):
        with provisionalcompleter():
            found = list(rectify_completions(code, self.shell.Completer.completions(code, cursor)))[
                :MOST_COMPLETIONS
            ]
        start, end = (found[0].start, found[0].end) if found else (cursor, cursor)
        if found and all(each.text.startswith(".") for each in found):  # of an attribute it names the dot too
            start += 1
        options = [{"label": each.text.removeprefix("."), "type": each.type} for each in found]
        return json.dumps({"from": start, "to": end, "options": options})

    def inspect(self, code, cursor):
        try:
            data = self.shell.object_inspect_mime(token_at_cursor(code, cursor), 0)
        except KeyError:
            return json.dumps({"found": False, "text": ""})
        return json.dumps({"found": True, "text": data["text/plain"][:20_000]})

    def files(self):
        return json.dumps(
            [
                {"name": name, "size": size, "changed": when}
                for name, (size, when) in sorted(self._look().items())
            ]
        )

    def has_changed_files(self):
        """Since it was last asked."""
        before, self._before = self._before, self._look()
        return self._before != before

    def read(self, name):
        return (Path(FOLDER) / name).read_bytes()

    def _look(self):
        found = {}
        for folder, folders, names in os.walk(FOLDER):
            folders[:] = sorted(
                each for each in folders if not each.startswith(".") and each != "__pycache__"
            )
            for name in sorted(names):
                path = os.path.join(folder, name)  # noqa: PTH118 - bytes and strange names included
                try:
                    facts = os.stat(path)  # noqa: PTH116
                except OSError:
                    continue
                found[os.path.relpath(path, FOLDER)] = (facts.st_size, facts.st_mtime)
                if len(found) >= MOST_FILES:
                    return found
        return found
