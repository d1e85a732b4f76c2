"""What a notebook can try against the machine and against other notebooks, a row each. All of a table run as cells of one notebook.

A cell prints WORKED when it got what it wanted. `guards` are all that has to be taken off for that (see `guards`). It
prints KERNEL where this host's kernel has no such thing to reach, which skips the control with that reason.
"""

from dataclasses import dataclass

import pyseccomp

from lms.labs.sandbox.box import rlimits
from tests.sandbox.conftest import QUICK


@dataclass(frozen=True)
class Attack:
    what: str
    guards: tuple[str, ...]
    code: str


CALLS = (
    "ptrace",
    "keyctl",
    "add_key",
    "bpf",
    "io_uring_setup",
    "userfaultfd",
    "perf_event_open",
    "setns",
    "mount",
    "unshare",
    "clone",
    "clone3",
    "shmget",
    "msgget",
    "semget",
    "process_vm_readv",
    "kcmp",
    "name_to_handle_at",
    "io_setup",
    "inotify_init1",
    "pidfd_getfd",
    "personality",
    "prlimit64",
    "setsockopt",
)
NUMBERS = {name: pyseccomp.resolve_syscall(pyseccomp.system_arch(), name) for name in CALLS}
TOOLS = f"""
import ctypes, errno, mmap, os, resource, select, signal, socket, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
NUMBERS = {NUMBERS}
def call(name, *given):
    return libc.syscall(NUMBERS.get(name, name), *given)
def reached(name, *given):
    'Whether it was the kernel that answered, and not a guard before it.'
    ctypes.set_errno(0)
    return call(name, *given) >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS)
def others():
    'Processes that are not ours.'
    for name in os.listdir('/proc'):
        if name.isdigit() and int(name) != os.getpid():
            yield int(name)
def named(name):
    for pid in others():
        try:
            if open(f'/proc/{{pid}}/comm').read().strip() == name: yield pid
        except OSError: pass
"""


def door(name, *given):
    return Attack(
        f"{name}, a door of the kernel",
        (f"filter: {name}",),
        f"if reached({', '.join(map(repr, (name, *given)))}): print('WORKED')",
    )


DOORS = (
    door("ptrace", 17, 1, 0, 0),
    door("keyctl", 0, -3, 1),
    door("add_key", 0, 0, 0, 0, -3),
    door("bpf", 0, 0, 1 << 20),
    door("io_uring_setup", 0, 0),
    door("userfaultfd", 1),
    door("perf_event_open", 0, 0, 0, 0, 0),
    door("setns", -1, 0),
    door("process_vm_readv", 1, 0, 0, 0, 0, 0),
    door("kcmp", 1, 1, 0, 0, 0),
    door("name_to_handle_at", -1, 0, 0, 0, 0),
    door("io_setup", 0, 0),
    door("inotify_init1", 0),
    door("pidfd_getfd", -1, 0, 0),
    door("personality", 0xFFFFFFFF),
    door("msgget", 0, 0o1600),
    door("semget", 0, 1, 0o1600),
    Attack(
        "shared memory of System V, which belongs to no process",
        ("filter: shmget",),
        "if call('shmget', 0, 1 << 20, 0o1600) >= 0: print('WORKED')",
    ),
    Attack("memory files without a name", ("filter: memfd_create",), "os.memfd_create('x'); print('WORKED')"),
    Attack(
        "message queues of POSIX",
        ("filter: mq_open", "limit: MSGQUEUE"),
        "if libc.mq_open(b'/x', os.O_CREAT | os.O_RDWR, 0o600, None) >= 0: print('WORKED')",
    ),
    Attack(
        "a user namespace by unshare",
        ("filter: unshare", "namespace: users, closed"),
        """
child = os.fork()
if child == 0: os._exit(0 if call('unshare', 0x10000000) == 0 else 1)
if os.waitpid(child, 0)[1] == 0: print('WORKED')""",
    ),
    Attack(
        "a user namespace by clone",
        ("filter: clone", "namespace: users, closed"),
        """
child = call('clone', 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
if child == 0: os._exit(0)
if child > 0: os.waitpid(child, 0); print('WORKED')""",
    ),
    Attack(
        "a user namespace by clone3, whose flags no filter sees",
        ("filter: clone3", "namespace: users, closed"),
        """
wanted = struct.pack('8Q', 0x10000000, 0, 0, 0, signal.SIGCHLD, 0, 0, 0)
child = call('clone3', wanted, len(wanted))
if child == 0: os._exit(0)
if child > 0: os.waitpid(child, 0); print('WORKED')""",
    ),
    Attack(
        "a mount",
        ("filter: mount", "filter: unshare", "privileges: none", "namespace: users, closed"),
        """
child = os.fork()
if child == 0: os._exit(libc.unshare(0x20000) or libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) and 1)
if os.waitpid(child, 0)[1] == 0: print('WORKED')""",
    ),
    Attack(
        "a call newer than the filter",
        ("filter: calls newer than it",),
        "if reached(462, 0, 0, 0): print('WORKED')",
    ),
    Attack(
        "typing into a terminal (TIOCSTI)",
        ("filter: ioctl",),
        """
import fcntl
there, here = os.openpty()
child = os.fork()
if child == 0:
    try:
        os.setsid(); fcntl.ioctl(here, 0x540E, 0); fcntl.ioctl(here, 0x5412, b'x')
    except OSError as error: os._exit(error.errno)
    os._exit(0)
if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != errno.EPERM: print('WORKED')
os.close(there); os.close(here)""",
    ),
    Attack(
        "having the kernel load a line discipline (TIOCSETD)",
        ("filter: ioctl",),
        """
import fcntl
there, here = os.openpty()
try: fcntl.ioctl(here, 0x5423, struct.pack('i', 0)); print('WORKED')
finally: os.close(there); os.close(here)""",
    ),
    Attack(
        "the machine's huge pages",
        ("filter: mmap",),
        """
try: mmap.mmap(-1, 2 << 20, flags=0x40022); print('WORKED')
except OSError as error:
    if error.errno == errno.ENOMEM: print('WORKED')""",
    ),
    Attack(
        "a crash that is handed to the host's root",
        ("filter: prlimit64",),
        """
resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
print('WORKED')""",
    ),
    Attack(
        "larger buffers in sockets",
        ("filter: setsockopt",),
        "socket.socketpair()[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20); print('WORKED')",
    ),
    Attack(
        "the same, with a bit above the 32 that the kernel takes of a number",
        ("filter: setsockopt",),
        """
size, pair = ctypes.c_int(1 << 20), socket.socketpair()
level = ctypes.c_long(socket.SOL_SOCKET | 1 << 32)
if call('setsockopt', pair[0].fileno(), level, socket.SO_SNDBUF, ctypes.byref(size), 4) == 0: print('WORKED')""",
    ),
    Attack(
        "a crash handed to the host, asked for with such a bit",
        ("filter: prlimit64",),
        """
asked = (ctypes.c_ulong * 2)(0, resource.getrlimit(resource.RLIMIT_CORE)[1])
which = ctypes.c_long(resource.RLIMIT_CORE | 1 << 32)
if call('prlimit64', 0, which, ctypes.byref(asked), None) == 0: print('WORKED')""",
    ),
    *(
        Attack(
            f"raising the limit {name}",
            (f"limit: {name}",),
            f"""
_, hard = resource.getrlimit(resource.RLIMIT_{name})
resource.setrlimit(resource.RLIMIT_{name}, ({rlimits("learner", QUICK)[f"RLIMIT_{name}"][1] + 1}, hard)); print('WORKED')""",
        )
        for name in ("CPU", "AS", "NPROC", "FSIZE", "MEMLOCK", "MSGQUEUE", "SIGPENDING")
    ),
    Attack(
        "root's powers: another root folder",
        ("filter: chroot", "privileges: none"),
        "os.chroot('/box'); print('WORKED')",
    ),
)

# {port}, {udp}, {abstract}, {secret}, {pid} and {path} are the test's own, on the host.
REACH = (
    Attack(
        "TCP to a service of the host",
        ("namespace: network", "filter: socket"),
        "socket.create_connection(('127.0.0.1', {port}), timeout=2); print('WORKED')",
    ),
    Attack(
        "UDP to a service of the host",
        ("namespace: network", "filter: socket"),
        """
asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); asking.settimeout(2)
asking.sendto(b'x', ('127.0.0.1', {udp}))
if asking.recv(9) == b'heard': print('WORKED')""",
    ),
    Attack(
        "the cloud's metadata address",
        ("namespace: network", "filter: socket"),
        """
asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try: asking.connect(('169.254.169.254', 80)); print('WORKED')  # a route, and not a packet
except OSError as error: print('KERNEL' if error.errno == errno.ENETUNREACH else error)""",
    ),
    Attack(
        "vsock to the hypervisor",
        ("filter: socket",),
        """
try: socket.socket(40, socket.SOCK_STREAM); print('WORKED')
except OSError as error: print('KERNEL' if error.errno == errno.EAFNOSUPPORT else error)""",
    ),
    Attack(
        "netlink to the kernel", ("filter: socket",), "socket.socket(16, socket.SOCK_RAW, 0); print('WORKED')"
    ),
    Attack(
        "a family of sockets that is a module to load",
        ("filter: socket",),
        """
try: socket.socket(30, socket.SOCK_STREAM); print('WORKED')
except OSError as error:
    if error.errno != errno.EACCES: print('WORKED')  # the kernel looked for it""",
    ),
    Attack(
        "abstract sockets of the host",
        ("namespace: network",),
        "socket.socket(socket.AF_UNIX).connect('\\0{abstract}'); print('WORKED')",
    ),
    *(
        Attack(
            what,
            ("mount: nothing of the host but /usr",),
            f"""
for root in ('', '/host'):
    try: {code}
    except OSError: pass""",
        )
        for what, code in (
            (
                "files and secrets of the host",
                "print('WORKED' if open(root + '{secret}').read() == 'grades' else '')",
            ),
            (
                "the host's accounts",
                "print('WORKED' if 'root:' in open(root + '/etc/passwd').read() else '')",
            ),
            ("the host's /sys", "print('WORKED' if os.listdir(root + '/sys') else '')"),
            (
                "services behind a socket in a folder",
                "socket.socket(socket.AF_UNIX).connect(root + '{path}'); print('WORKED')",
            ),
        )
    ),
    Attack(
        "the grader's environment",
        ("environment: emptied",),
        "if os.environ.get('LMS_SECRET_KEY') == 'do-not-tell': print('WORKED')",
    ),
    Attack(
        "/proc/<pid> of the host's processes",
        ("namespace: processes",),
        "if open('/proc/{pid}/cmdline').read(): print('WORKED')",
    ),
    Attack(
        "signals to processes of the host",
        ("namespace: processes",),
        """
try: os.kill({pid}, 0); print('WORKED')
except PermissionError: print('WORKED')  # it is there: the user id stands between, no more
except ProcessLookupError: pass""",
    ),
    Attack("writing to /", ("mount: read-only /",), "open('/x', 'w').write('x'); print('WORKED')"),
    Attack("writing to /dev", ("mount: read-only /dev",), "open('/dev/x', 'w').write('x'); print('WORKED')"),
    Attack(
        "changing a trusted module",
        ("mount: read-only modules",),
        "open('/modules/machine.py', 'w').write('def judge(x): return True'); print('WORKED')",
    ),
    Attack(
        "more on a disk than it holds",
        ("mount: disks with a size",),
        """
for number in range(20): open(f'/dev/shm/{number}', 'wb').write(b'x' * (1 << 20))
print('WORKED')""",
    ),
    Attack(
        "a file larger than the working folder",
        ("limit: FSIZE", "mount: disks with a size"),
        "os.truncate(os.open('/box/sparse', os.O_CREAT | os.O_WRONLY), 1 << 30); print('WORKED')",
    ),
    Attack(
        "descriptors that were open in the grader",
        ("descriptors: only those meant",),
        """
for name in os.listdir('/proc/self/fd'):
    try:
        if os.readlink(f'/proc/self/fd/{name}') == '{secret}': print('WORKED')
    except OSError: pass""",
    ),
)

VICTIM = """
libc.prctl(15, b'victim')  # PR_SET_NAME
for folder in ('/box', '/tmp', '/dev/shm'): open(f'{folder}/of-the-victim', 'w').write('secret')
listening = socket.socket(socket.AF_UNIX); listening.bind('\\0slipway-victim'); listening.listen()
time.sleep({seconds})
print('undisturbed')"""
OTHER_JOBS = (
    Attack(
        "files of another notebook",
        ("mount: disks of its own",),
        """
for folder in ('/box', '/tmp', '/dev/shm'):
    if os.path.exists(f'{folder}/of-the-victim'): print('WORKED')""",
    ),
    Attack(
        "abstract sockets of another notebook",
        ("namespace: network",),
        "socket.socket(socket.AF_UNIX).connect('\\0slipway-victim'); print('WORKED')",
    ),
    Attack(
        "seeing another notebook's processes",
        ("namespace: processes",),
        "if list(named('victim')): print('WORKED')",
    ),
    Attack(
        "signals to another notebook",
        ("namespace: processes", "users: an id for each sandbox"),
        """
for pid in named('victim'):
    try: os.kill(pid, signal.SIGCONT); print('WORKED')
    except PermissionError: pass  # another grader's
""",
    ),
    Attack(
        "another notebook, killed",
        ("namespace: processes", "users: an id for each sandbox"),
        """
for pid in named('victim'):
    try: os.kill(pid, 9); print('WORKED')
    except PermissionError: pass
""",
    ),
)
ASKED_FOR = "files: read in the sandbox, plain ones only, bounded, sent as bytes"
OUTPUTS = (
    Attack("a link to a file of the host", (ASKED_FOR,), "import os; os.symlink('{secret}', 'out.txt')"),
    Attack("a pipe that never ends", (ASKED_FOR,), "import os; os.mkfifo('out.txt')"),
    Attack("a file that is all hole", (ASKED_FOR,), "open('out.txt', 'wb').truncate(7 << 20)"),
)
LEAVE = """
import atexit, builtins, json, random
for folder in ('/box', '/tmp', '/dev/shm'): open(f'{folder}/left', 'w').write('by the first')
json.loads = builtins.left = os.environ['LEFT'] = 'by the first'
import collections; collections.left = 'by the first'
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
if os.fork() == 0:
    libc.prctl(15, b'left'); time.sleep(60)
time.sleep(0.1)"""
FIND = """
import builtins, collections, json
found = [folder for folder in ('/box', '/tmp', '/dev/shm') if os.path.exists(f'{folder}/left')]
found += [name for name, there in (
    ('module', json.loads == 'by the first' or hasattr(collections, 'left')),
    ('builtins', hasattr(builtins, 'left')),
    ('environment', 'LEFT' in os.environ),
    ('signals', signal.getsignal(signal.SIGUSR1) == signal.SIG_IGN),
    ('process', list(named('left'))),
) if there]
print(found)"""
