"""A lesson page against a bare page, study's writes against a bare INSERT, and memory over ten thousand requests.

One server, interleaved rounds, a new connection for each request, four at a time. Both throughput and the server's processor time are
told: the client runs on the same machine, so the latter is the fairer.
"""

import http.client
import itertools
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from tests.benchmarks.site import Site, serving

ROUNDS = 7
PER_ROUND = 240
CLIENTS = 4
LESSON = "/courses/C01/C01-1"


@dataclass(frozen=True)
class Request:
    """What one kind of request sends. `expected` is the status of a good answer."""

    name: str
    method: str
    path: str
    body: str = ""
    expected: int = 200


def run() -> None:
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as site:
        token = site.token
        bare = Request("bare page: session, Jinja, two queries", "GET", "/bare/page")
        lesson = Request("lesson page, signed in", "GET", LESSON)
        insert = Request("bare INSERT", "POST", "/bare/insert", expected=204)
        form = urlencode({"csrf_token": token})
        complete = Request("complete a lesson", "POST", f"{LESSON}/complete", form, 302)
        question = Request(
            "answer a question",
            "POST",
            f"{LESSON}/questions/{first_question(site)}",
            urlencode({"csrf_token": token, "answer": "17"}),
            302,
        )
        print(
            f"\nPages: {ROUNDS} interleaved rounds of {PER_ROUND} requests, {CLIENTS} at a time, a new connection each"
        )
        compare(site, [bare, lesson])
        compare(site, [insert, complete, question])
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), "slipway") as site:
        memory(site, lesson)


def first_question(site: Site) -> str:
    page = body_of(site, LESSON)
    start = page.index(f'action="{LESSON}/questions/') + len(f'action="{LESSON}/questions/')
    return page[start : page.index('"', start)]


def body_of(site: Site, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", site.port)
    connection.request("GET", path, headers={"Cookie": site.cookie})
    return connection.getresponse().read().decode()


def compare(site: Site, requests: list[Request]) -> None:
    for request in requests:
        load(site, request, 60)
    speeds: dict[str, list[float]] = {request.name: [] for request in requests}
    costs: dict[str, list[float]] = {request.name: [] for request in requests}
    for number in range(ROUNDS):
        turn = requests if number % 2 == 0 else requests[::-1]
        for request in turn:
            before, started = site.cpu(), time.perf_counter()
            load(site, request, PER_ROUND)
            speeds[request.name].append(PER_ROUND / (time.perf_counter() - started))
            costs[request.name].append((site.cpu() - before) / PER_ROUND * 1000)
    ceiling = requests[0].name
    for name, speed in speeds.items():
        of_ceiling = statistics.median(a / b for a, b in zip(speed, speeds[ceiling], strict=True))
        by_cost = statistics.median(b / a for a, b in zip(costs[name], costs[ceiling], strict=True))
        print(
            f"  {name:<42} {statistics.median(speed):7.0f} requests/s  {statistics.median(costs[name]):5.2f} ms CPU"
            f"   {of_ceiling:4.0%} of the ceiling ({by_cost:.0%} by CPU)"
        )


def load(site: Site, request: Request, count: int) -> None:
    """`count` requests, from CLIENTS threads. Raises when an answer is not the expected one."""
    numbers, wrong = itertools.count(), []
    headers = {"Cookie": site.cookie, "Content-Type": "application/x-www-form-urlencoded"}

    def work() -> None:
        while next(numbers) < count and not wrong:
            connection = http.client.HTTPConnection("127.0.0.1", site.port)
            connection.request(request.method, request.path, request.body or None, headers)
            answer = connection.getresponse()
            answer.read()
            connection.close()
            if answer.status != request.expected:
                wrong.append(answer.status)

    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise RuntimeError(f"{request.name} answered {wrong[0]}")


def memory(site: Site, lesson: Request) -> None:
    print("  Memory of all server processes (proportional set size), web and grading worker:")
    readings = [site.memory()]
    for _ in range(10):
        load(site, lesson, 1000)
        readings.append(site.memory())
    shown = ", ".join(f"{reading:.0f}" for reading in readings)
    print(f"    MiB at the start and after each thousand requests: {shown}")
