"""No notebook reaches the machine that grades it: the tables of `attacks`, once in each way of getting a sandbox, and once without the
guard that stops each of them, where it works.
"""

import os
import socket
import threading

import pytest

from tests.sandbox.attacks import DOORS, REACH, TOOLS
from tests.sandbox.conftest import run_cells
from tests.sandbox.guards import reachable

pytestmark = pytest.mark.sandbox
ATTACKS = {attack.what: attack for attack in (*DOORS, *REACH)}


@pytest.fixture(scope="session")
def places(tmp_path_factory):
    """What there is to be reached on this host: services, a secret, a process, an open file."""
    folder = tmp_path_factory.mktemp("host")
    secret = folder / "secret.db"
    secret.write_text("grades")
    reachable(folder)
    (folder / "machine.py").write_text("def judge(x): return x == 42\n")
    (folder / "machine.py").chmod(0o666)
    abstract = f"slipway-test-{os.getpid()}"
    (folder / "s").unlink(missing_ok=True)
    listening = []
    for family, kind, address in (
        (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        (socket.AF_UNIX, socket.SOCK_STREAM, f"\0{abstract}"),
        (socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "s")),
    ):
        listener = socket.socket(family, kind)
        listener.bind(address)
        listener.listen(16)
        listening.append(listener)
    (folder / "s").chmod(0o777)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    threading.Thread(target=_answer, args=(udp,), daemon=True).start()
    with secret.open() as opened, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LMS_SECRET_KEY", "do-not-tell")
        yield {
            "{port}": str(listening[0].getsockname()[1]),
            "{udp}": str(udp.getsockname()[1]),
            "{abstract}": abstract,
            "{secret}": opened.name,
            "{path}": str(folder / "s"),
            "{pid}": str(os.getpid()),
            "modules": {"machine": folder / "machine.py"},
        }
    udp.sendto(b"", udp.getsockname())
    for listener in (*listening, udp):
        listener.close()


def _answer(udp):
    while True:
        try:
            heard, sender = udp.recvfrom(9)
        except OSError:
            return
        if not heard:
            return
        udp.sendto(b"heard", sender)


def written(attack, places):
    """The attack's code, with what there is here in it."""
    code = attack.code
    for name, value in places.items():
        code = code.replace(name, value) if name.startswith("{") else code
    return code


@pytest.fixture(scope="session")
def tried(sandboxes, places):
    """What came of each attack: all of them in one notebook."""
    cells = [TOOLS, *(written(attack, places) for attack in ATTACKS.values()), "print('whole')"]
    (_, *came, last), report = run_cells(*cells, sandboxes=sandboxes, modules=places["modules"])
    assert (last, report.outcome) == ("whole\n", "graded")
    return dict(zip(ATTACKS, came, strict=True))


@pytest.mark.parametrize("what", ATTACKS)
def test_no_attack_on_the_machine_succeeds(tried, what):
    assert "WORKED" not in tried[what]


@pytest.mark.parametrize("what", ATTACKS)
def test_every_attack_on_the_machine_works_without_its_guards(without, places, what):
    without(*ATTACKS[what].guards)
    (_, came), _ = run_cells(TOOLS, written(ATTACKS[what], places), modules=places["modules"])
    if "KERNEL" in came:
        pytest.skip(f"this host's kernel or network has nothing to reach by {what}")
    assert "WORKED" in came
