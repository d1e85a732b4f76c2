"""The guards of a sandbox by their names, and how to take one of them off.

An attack that fails proves little: it may have been badly written. So each is tried a second time, in a fresh sandbox that is whole but
for the guards its row names, and there it has to succeed. The names are what `docs/SECURITY.md` calls them.
"""

import os
import resource
import shutil
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import reduce, wraps
from pathlib import Path

from lms.labs import grade
from lms.labs.sandbox import box, bubble, cgroup, seccomp, supervisor, usage, ways
from lms.labs.sandbox.host import this_host

NAMESPACES = {
    "namespace: network": "--unshare-net",
    "namespace: processes": "--unshare-pid",
    "namespace: users, closed": "--disable-userns",
    "namespace: message queues": "--unshare-ipc",
}
RULES = {
    "protocol: what is opaque is not compared": (
        "remote.py",
        "__eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse",
        '__eq__ = lambda self, other: self._ask("getattr", name="__eq__")(other)',
    ),
    "protocol: arithmetic takes two of the learner's": (
        "remote.py",
        "if not isinstance(other, Proxy):\n            raise Opaque",
        'if not isinstance(other, Proxy):\n            return self._ask("getattr", name=f"__{name}__")(other)',
    ),
    "protocol: plain data, no pickle": (
        "codec.py",
        "json.loads(_exactly(sock, length), parse_constant=_refuse_constant)",
        '__import__("pickle").loads(_exactly(sock, length))',
    ),
    "protocol: only listed names are fetched": (
        "tester.py",
        "return self._channel.open and name in self._allowed",
        "return self._channel.open",
    ),
    "protocol: a callback ends with its test": ("remote.py", "self._callbacks.clear()", "pass"),
    "protocol: no learner's words after a hidden line": (
        "tester.py",
        "return any(hidden <= line for hidden in self.hidden)",
        "return False",
    ),
    "protocol: only built-in names of exceptions after a hidden line": (
        "tester.py",
        'return f"your code raised {_built_in(error)}"',
        'return f"your code raised {type(error).__name__}"',
    ),
    "protocol: no learner's words after a hidden test that told them something": (
        "tester.py",
        "self._knows = self._knows or (",
        "self._knows = False and (",
    ),
    "protocol: after a hidden line only what is written out": (
        "tester.py",
        "(is_open or _is_written_out(place.source, line))",
        "True",
    ),
    "protocol: no end of iteration out of a call": (
        "remote.py",
        "GeneratorExit, StopIteration, StopAsyncIteration)",
        "GeneratorExit)",
    ),
}


@contextmanager
def _nobodys_slot():
    yield None if os.geteuid() else 1_879_049_000


def _endless(name):
    """As much as we may have ourselves."""
    real, (_, ours) = box.rlimits, resource.getrlimit(getattr(resource, name))
    return lambda *given: {**real(*given), name: (ours, ours)}


def _unfiltered(name):
    """The filter without the rules about one call."""
    real = seccomp._deny
    return lambda rules, call, *given: None if call == name else real(rules, call, *given)


def _drop(*gone):
    """Without these words, wherever they follow each other."""

    def edit(words):
        kept = []
        while words:
            if tuple(words[: len(gone)]) == gone:
                words = words[len(gone) :]
            else:
                kept.append(words[0])
                words = words[1:]
        return kept

    return edit


def _put(old, new):
    def edit(words):
        at = next(n for n in range(len(words)) if tuple(words[n : n + len(old)]) == old)
        return [*words[:at], *new, *words[at + len(old) :]]

    return edit


def _unlimited(words):
    while "--size" in words:
        at = words.index("--size")
        words = words[:at] + words[at + 2 :]
    return words


class Without:
    """Takes guards off until the test ends. `folder` is for what that needs on disk; `shared` is everybody's /box
    when disks are not private.
    """

    def __init__(self, patch, folder):
        self._patch, self._folder, self._edits = patch, folder, []
        self.shared = None
        real = bubble.arguments

        @wraps(real)
        def edited(*given, **named):
            return reduce(lambda words, edit: edit(words), self._edits, real(*given, **named))

        patch.setattr(bubble, "arguments", edited)

    def take_off(self, guard):  # noqa: C901, PLR0912 (one case a kind of guard)
        patch = self._patch
        match guard.partition(": "):
            case ("namespace", _, _):
                self._edits.append(_drop(NAMESPACES[guard]))
                if guard == "namespace: processes":  # a proc of its own belongs to a namespace of its own
                    self._edits.append(_put(("--proc", "/proc"), ("--ro-bind", "/proc", "/proc")))
            case ("filter", _, "calls newer than it"):
                patch.setattr(seccomp, "_unknown_refused", lambda: b"")
                patch.setattr(seccomp, "program", seccomp.program.__wrapped__)
            case ("filter", _, name):
                patch.setattr(seccomp, "_deny", _unfiltered(name))
                patch.setattr(seccomp, "program", getattr(seccomp.program, "__wrapped__", seccomp.program))
            case ("limit", _, name):
                patch.setattr(box, "rlimits", _endless(f"RLIMIT_{name}"))
            case ("mount", _, "nothing of the host but /usr"):
                self._edits.append(
                    _put(("--dir", "/modules"), ("--dir", "/modules", "--ro-bind", "/", "/host"))
                )
            case ("mount", _, "disks with a size"):
                self._edits.append(_unlimited)
            case ("mount", _, "disks of its own"):
                # In memory as theirs are: what lies in /box counts as memory used.
                self.shared = Path(tempfile.mkdtemp(dir="/dev/shm"))
                self.shared.chmod(0o777)
                self._edits.append(
                    _put(("--tmpfs", "/box"), ("--tmpfs", "/run", "--bind", str(self.shared), "/box"))
                )
            case ("mount", _, "read-only /"):
                self._edits.append(_drop("--remount-ro", "/"))
            case ("mount", _, "read-only /dev"):
                self._edits.append(_drop("--remount-ro", "/dev"))
            case ("mount", _, "read-only modules"):
                self._edits.append(
                    lambda words: ["--bind" if word == "--ro-bind" else word for word in words]
                )
            case ("privileges", _, _):
                self._edits += [
                    _drop("--cap-drop", "ALL"),
                    _put(("--uid", "65534"), ("--cap-add", "ALL", "--uid", "0")),
                ]
            case ("environment", _, _):
                self._edits.append(_drop("--clearenv"))
                patch.setattr(subprocess, "Popen", _leaky(env=None))
            case ("descriptors", _, _):
                patch.setattr(subprocess, "Popen", _leaky(close_fds=False))
            case ("memory", _, "counted by the kernel, or by looking"):
                patch.setattr(cgroup, "create", lambda *_, **__: None)
                patch.setattr(box, "of_tree", _blind("memory_bytes"))
            case ("memory", _, "what is resident in no process is looked for"):
                patch.setattr(cgroup, "create", lambda *_, **__: None)
                patch.setattr(usage, "_shared_without_a_file", lambda _: 0)
            case ("memory", _, "what waits in sockets is looked for"):
                patch.setattr(cgroup, "create", lambda *_, **__: None)
                patch.setattr(usage, "_buffers", lambda _: 0)
            case ("memory", _, "empty files are looked for"):
                patch.setattr(cgroup, "create", lambda *_, **__: None)
                patch.setattr(usage, "_ram_disks", lambda _: 0)
            case ("processes", _, "a control group"):
                patch.setattr(cgroup, "create", lambda *_, **__: None)
            case ("processor", _, "time judged over all processes"):
                patch.setattr(box.Box, "look", lambda _: usage.Usage(0.0, 0, 1))
            case ("users", _, "an id for each sandbox"):
                patch.setattr(bubble, "slot", _nobodys_slot)
            case ("grader", _, "ways back are closed before the tests"):
                patch.setattr(supervisor._Run, "_cells_are_run", _begin_with_everything_open)
            case ("grader", _, "hidden lines are left out of the executed notebook"):
                patch.setattr(grade, "executed", _executed_with_tests)
            case ("protocol", _, _):
                host = self._host_with(guard)
                patch.setattr(ways, "this_host", lambda: host)
            case _:
                raise ValueError(guard)

    def _host_with(self, rule):
        """Our host, with one line of what runs inside changed in a copy."""
        file, old, new = RULES[rule]
        changed = self._folder / "inside"
        if not changed.exists():
            shutil.copytree(this_host().inside, changed, ignore=shutil.ignore_patterns("__pycache__"))
        text = (changed / file).read_text()
        assert text.count(old) == 1, f"{file} has no such line any more: {old}"
        text = text.replace(old, new)
        if rule.endswith("no pickle"):
            sent = 'json.dumps(message, separators=(",", ":"), allow_nan=False).encode()'
            assert sent in text
            text = text.replace(sent, '__import__("pickle").dumps(message)')
        (changed / file).write_text(text)
        reachable(self._folder)
        return replace(this_host(), inside=changed)


def reachable(path):
    """For the user of a sandbox too."""
    for folder in (path, *path.parents):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o011)


def _leaky(**changed):
    """`subprocess.Popen` that lets something through: the environment, or to the learner every descriptor there is."""

    class Leaky(subprocess.Popen):
        def __init__(self, command, **named):
            if "inside.learner" not in str(command):
                super().__init__(command, **named)
                return
            if "close_fds" in changed:
                handed = named.pop("pass_fds")
                for number in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208
                    with suppress(OSError):
                        # Files, that is: who inherited the pipe its own job comes by would wait for the end of it for ever.
                        leads = os.readlink(f"/proc/self/fd/{number}")  # noqa: PTH115
                        os.set_inheritable(number, leads.startswith("/"))
                for number in handed:
                    os.set_inheritable(number, True)
            super().__init__(command, **{**named, **changed})

    return Leaky


def _blind(field):
    return lambda *given, **named: replace(usage.of_tree(*given, **named), **{field: 0})


def _begin_with_everything_open(run):
    if not run._tested:
        run._begin_tests()


def _executed_with_tests(grafted, ran, *, max_bytes):
    return {"cells": [{"outputs": [], "source": cell.source} for cell in grafted.source.cells]}
