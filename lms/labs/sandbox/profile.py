"""What a sandbox may see, as arguments for bwrap: every namespace of its own, /usr read-only, and small RAM disks to write to.

The order matters: each mount may hide an earlier one, and `--remount-ro` has to come after everything that is mounted below.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .host import PREFIX, Host

SHM_MB = 16
NOBODY = "65534"


@dataclass(frozen=True)
class Profile:
    """`modules` maps an importable name to the trusted folder (or .py file) that is bound, read-only, for it.

    `cluster` is for Slurm's daemons, which want to be root, to read who that is, and to talk to each other: a root of this namespace
    alone, without any capability, on a loopback of its own. `gpus` are devices for them to hand out; each is another /dev/null.

    One that `forks` runs nothing but our own code until it has made namespaces within its own; it loads the filter in there. It ends by
    itself when we do, where the others are ended with the thread that started them.
    """

    disk_mb: int
    modules: Mapping[str, Path] = field(default_factory=dict)
    cluster: bool = False
    gpus: int = 0
    forks: bool = False


def arguments(host: Host, profile: Profile, *, seccomp: int, status: int) -> list[str]:
    alone = ["--disable-userns", "--die-with-parent", "--seccomp", str(seccomp)]
    return [
        *(
            "--unshare-user",
            "--unshare-ipc",
            "--unshare-pid",
            "--unshare-net",
            "--unshare-uts",
            "--unshare-cgroup-try",
        ),
        *("--uid", _user(profile), "--gid", _user(profile), "--cap-drop", "ALL"),
        *("--hostname", "sandbox", "--new-session"),
        *_files(host, profile),
        *("--clearenv", *_environment(host)),
        *("--chdir", "/box", "--json-status-fd", str(status)),
        *([] if profile.forks else alone),
    ]


def _user(profile: Profile) -> str:
    return "0" if profile.cluster else NOBODY


def _files(host: Host, profile: Profile) -> list[str]:
    shm = str(SHM_MB << 20)
    listed = [
        *("--ro-bind", "/usr", "/usr"),
        *("--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"),
        *(
            "--ro-bind-try",
            "/etc/ld.so.cache",
            "/etc/ld.so.cache",
            "--ro-bind-try",
            "/etc/alternatives",
            "/etc/alternatives",
        ),
        *("--ro-bind-try", "/etc/localtime", "/etc/localtime"),
        *("--ro-bind", str(host.kernel), "/kernel", "--ro-bind", str(host.inside), "/grader/inside"),
    ]
    if host.prefix is not None:
        listed += ["--ro-bind", str(host.prefix), str(PREFIX)]
    listed += ["--dir", "/modules"]
    for name, path in profile.modules.items():
        listed += ["--ro-bind", str(path), f"/modules/{name}{path.suffix if path.is_file() else ''}"]
    devices: list[str] = []
    if profile.cluster:
        listed += [
            "--symlink",
            "usr/sbin",
            "/sbin",
            "--ro-bind",
            "/sys/devices/system",
            "/sys/devices/system",
        ]
        for name in ("passwd", "group", "hosts"):
            listed += ["--ro-bind", str(host.inside / "etc" / name), f"/etc/{name}"]
        devices = [word for n in range(profile.gpus) for word in ("--dev-bind", "/dev/null", f"/dev/gpu{n}")]
    # bwrap's own root and /dev are RAM disks without a limit: read-only, or they are a way to fill the machine's memory.
    return [
        *listed,
        *("--proc", "/proc", "--dev", "/dev", *devices),
        *("--size", shm, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"),  # noqa: S108
        *("--size", str(profile.disk_mb << 20), "--tmpfs", "/box", "--size", shm, "--tmpfs", "/tmp"),  # noqa: S108
        *("--remount-ro", "/"),
    ]


def _environment(host: Host) -> list[str]:
    values = {
        "PATH": "/usr/bin",
        "HOME": "/box",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "IPYTHONDIR": "/tmp/ipython",  # noqa: S108 (the sandbox's own /tmp)
        "MPLCONFIGDIR": "/tmp/matplotlib",  # noqa: S108
        "MPLBACKEND": "agg",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        # Each thread would otherwise reserve 64 MB of addresses, and RLIMIT_AS counts addresses.
        "MALLOC_ARENA_MAX": "2",
    }
    if host.prefix is not None:
        values["LD_LIBRARY_PATH"] = f"{PREFIX}/lib"
    return [word for name, value in values.items() for word in ("--setenv", name, value)]
