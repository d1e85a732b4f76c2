"""What a notebook could use up, a row each. A cell prints WORKED when it got more than its limits say.

Without the guard it gets no more than a few hundred megabytes or processes: enough to tell.
"""

from tests.sandbox.attacks import Attack

COUNTED = "memory: counted by the kernel, or by looking"
# Where the kernel counts it ends whoever had most, which need not be the first process: all have to have what they wanted, and live.
ALIVE = """
children, (ready, done) = [], os.pipe()
def alive():
    had = 0
    while had < len(children):
        if any(os.waitpid(child, os.WNOHANG)[0] for child in children): return False
        had += len(os.read(ready, 99)) if select.select([ready], [], [], 0.1)[0] else 0
    time.sleep(0.5)
    return not any(os.waitpid(child, os.WNOHANG)[0] for child in children)
"""
BOMBS = (
    Attack(
        "memory, in one process",
        (COUNTED,),
        "kept = [bytearray(os.urandom(1) * (16 << 20)) for _ in range(20)]; time.sleep(0.3); print('WORKED')",
    ),
    Attack(
        "memory, spread over processes",
        (COUNTED,),
        ALIVE
        + """
for _ in range(6):
    children.append(os.fork())
    if children[-1] == 0: kept = b'x' * (60 << 20); os.write(done, b'x'); time.sleep(60)
print('WORKED' if alive() else '')""",
    ),
    Attack(
        "memory that is shared and resident in no process",
        ("memory: what is resident in no process is looked for",),
        """
shared = mmap.mmap(-1, 320 << 20)
for at in range(0, 320 << 20, 1 << 20):
    shared[at:at + (1 << 20)] = b'x' * (1 << 20); shared.madvise(mmap.MADV_DONTNEED)
time.sleep(0.3); print('WORKED')""",
    ),
    Attack(
        "memory of the kernel's, waiting in sockets",
        ("memory: what waits in sockets is looked for",),
        ALIVE
        + """
for _ in range(12):
    children.append(os.fork())
    if children[-1] == 0:
        kept = []
        try:
            while True:
                kept += socket.socketpair()
                for end in kept[-2:]:
                    end.setblocking(False)
                    try:
                        while True: end.send(b'x' * 60_000)
                    except BlockingIOError: pass
        except OSError: pass
        os.write(done, b'x'); time.sleep(60)
print('WORKED' if alive() else '')""",
    ),
    Attack(
        "forks",
        ("limit: NPROC", "processes: a control group"),
        """
made = 0
for _ in range(80):
    if os.fork() == 0: time.sleep(60); os._exit(0)
    made += 1
print('WORKED' if made == 80 else made)""",
    ),
    Attack(
        "threads",
        ("limit: NPROC", "processes: a control group"),
        """
import threading
for _ in range(80): threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
print('WORKED')""",
    ),
    Attack(
        "an endless loop",
        ("processor: time judged over all processes", "limit: CPU"),
        "while time.process_time() < 5: pass\nprint('WORKED')",
    ),
    Attack(
        "an endless loop that ignores every signal",
        ("processor: time judged over all processes", "limit: CPU"),
        """
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
while time.process_time() < 5: pass
print('WORKED')""",
    ),
)
# Tried with less memory than the others, or it would take long: as much as all of it, so that the interpreter's own need not be counted on.
EMPTY_FILES = Attack(
    "empty files, which are the kernel's memory and nobody's",
    ("memory: empty files are looked for",),
    """
for number in range(90_000): os.close(os.open(f'/box/{number}', os.O_CREAT | os.O_WRONLY))
time.sleep(1); print('WORKED')""",
)
