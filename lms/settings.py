"""Every setting: typed, read once from the environment, all problems reported together.

`LMS_DATABASE_URL=postgresql+psycopg://…` is how Slipway outgrows one machine; README, "Configuring", is made of the
`help` texts below, and a test holds the two together.
"""

import os
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from lms.errors import SlipwayError


class BadSettings(SlipwayError):
    """The environment says something that cannot be meant. The message lists every problem, a line each."""


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError
    return number


def _environment(text: str) -> str:
    if text not in ("demo", "production"):
        raise ValueError
    return text


def _sandbox(text: str) -> str:
    if text not in ("auto", "fork", "warm", "fresh"):
        raise ValueError
    return text


def _http_url(text: str) -> str:
    parts = urlsplit(text.rstrip("/"))
    # A path would stand in credentials and in the issuer's did:web, and no page would be there.
    if parts.scheme not in ("http", "https") or not parts.hostname or text.rstrip("/") != _origin(parts):
        raise ValueError
    return _origin(parts)


def _origin(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc}"


def _path(text: str) -> Path:
    if not text:  # Path("") is the folder one happens to stand in
        raise ValueError
    return Path(text)


def _engine(text: str) -> str:
    if text not in ("local", "slurm"):
        raise ValueError
    return text


def _array(text: str) -> int:
    number = _positive(text)
    if (
        number > 1000
    ):  # MaxArraySize of a cluster that says nothing is 1001, and tokens have to fit into an environment
        raise ValueError
    return number


def _options(text: str) -> tuple[str, ...]:
    options = tuple(shlex.split(text))
    if not all(option.startswith("-") for option in options):  # anything else would be the name of a script
        raise ValueError
    return options


def _zone(text: str) -> str:
    return ZoneInfo(text).key


def _cache_home() -> Path:
    """The user's cache, as the XDG base directory specification has it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def setting(default: Any, read: Callable[[str], Any], expected: str, description: str) -> Any:
    return field(default=default, metadata={"read": read, "expected": expected, "help": description})


@dataclass(frozen=True)
class Settings:
    """The variable of a field is its name in capitals with `LMS_` before it."""

    environment: Literal["demo", "production"] = setting(
        "demo",
        _environment,
        "demo or production",
        "`production` refuses demo people, weak secrets and plain HTTP",
    )
    database_url: str = setting(
        "", str, "an SQLAlchemy URL", "where data lives; SQLite in `LMS_VAR` unless said"
    )
    var: Path = setting(
        Path("var"), _path, "a folder", "what this machine keeps: the SQLite file and keys made on first use"
    )
    runtime: Path = setting(
        _cache_home() / "slipway" / "runtime",
        _path,
        "a folder",
        "where Python for the browser is built and kept (`lms runtime build`); `~/.cache/slipway/runtime` unless said",
    )
    base_url: str = setting(
        "http://127.0.0.1:8000",
        _http_url,
        "an http(s) URL",
        "the site's own address, as it stands in credentials and links",
    )
    secret_key: str = setting(
        "",
        str,
        "at least 32 characters",
        "signs sessions, and seeds what varies by learner; made and kept in `LMS_VAR` unless said; the same on every web host",
    )
    signing_key_file: Path | None = setting(
        None,
        _path,
        "a PEM file",
        "the two private keys that sign credentials (`lms keys make`); made and kept in `LMS_VAR` unless said",
    )
    issuer_name: str = setting(
        "Slipway demonstration centre", str, "a name", "who issues credentials, as people know the centre"
    )
    time_zone: str = setting(
        "Europe/Brussels",
        _zone,
        "a zone such as Europe/Athens",
        "the zone of dates for people who have not chosen one",
    )
    web_workers: int = setting(1, _positive, "a number from 1", "web processes on this host")
    web_threads: int = setting(4, _positive, "a number from 1", "threads in each web process")
    graders: int = setting(
        2, _positive, "a number from 1", "notebooks one grading worker runs at the same time"
    )
    sandbox: Literal["auto", "fork", "warm", "fresh"] = setting(
        "auto",
        _sandbox,
        "auto, fork, warm or fresh",
        "how sandboxes are made: copied from a fork-server, started ahead, or started when needed; `auto` tries",
    )
    lease_seconds: int = setting(
        30,
        _positive,
        "a number from 1",
        "how long a grading may be silent before another worker takes it over",
    )
    engine: Literal["local", "slurm"] = setting(
        "local",
        _engine,
        "local or slurm",
        "where notebooks are graded: in this host's sandboxes, or on the centre's own cluster (docs/SLURM.md)",
    )
    slurm_partition: str = setting(
        "", str, "a partition's name", "the partition of grading arrays; the cluster's default unless said"
    )
    slurm_account: str = setting(
        "",
        str,
        "an account's name",
        "the account that grading arrays are charged to; the user's default unless said",
    )
    slurm_minutes: int = setting(
        10,
        _positive,
        "a number from 1",
        "time limit of a grading task; raised for a lab whose own limit needs more",
    )
    slurm_array: int = setting(
        100,
        _array,
        "a number from 1 to 1000",
        "the most gradings that wait in Slurm's queue at once, and in one array",
    )
    slurm_options: tuple[str, ...] = setting(
        (),
        _options,
        "options of sbatch, each beginning with - (write --name=value)",
        "more options for sbatch, after ours, such as `--qos=grading --constraint=cpu`",
    )
    slurm_site: str = setting(
        "",
        _http_url,
        "an http(s) URL",
        "the site's address as compute nodes reach it; `LMS_BASE_URL` unless said",
    )
    slurm_lms: Path | None = setting(
        None, _path, "a path", "the `lms` program on compute nodes; the path of this host's own unless said"
    )
    slurm_socket: Path | None = setting(
        None, _path, "a unix socket", "slurmrestd's socket, to use it instead of Slurm's commands"
    )
    upload_megabytes: int = setting(
        8, _positive, "a number from 1", "the largest notebook that can be handed in"
    )
    proxies: int = setting(
        0, _count, "a number from 0", "trusted reverse proxies in front that set X-Forwarded-For and -Proto"
    )

    @property
    def url(self) -> str:
        """Where data lives, with the default filled in."""
        return self.database_url or f"sqlite:///{(self.var / 'slipway.db').resolve()}"

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings this environment asks for. Raises BadSettings naming every problem at once."""
    environ = os.environ if environ is None else environ
    known = {f"LMS_{each.name.upper()}": each for each in fields(Settings)}
    problems = [
        f"{name}: no such setting; README lists them under Configuring"
        for name in sorted(environ)
        if name.startswith("LMS_") and name not in known and not name.startswith("LMS_TEST_")
    ]
    given: dict[str, Any] = {}
    for name, each in known.items():
        if name not in environ:
            continue
        try:
            given[each.name] = each.metadata["read"](environ[name])
        except (ValueError, KeyError, OSError):
            problems.append(f"{name}={environ[name]!r}: expected {each.metadata['expected']}")
    settings = Settings(**given)
    if settings.slurm_socket and settings.slurm_options:
        problems.append(
            "LMS_SLURM_OPTIONS: slurmrestd takes no options of sbatch; unset it, or LMS_SLURM_SOCKET"
        )
    if settings.is_production:
        problems += production_problems(settings)
    if problems:
        raise BadSettings("\n".join(problems))
    return settings


def production_problems(settings: Settings) -> list[str]:
    """What would be careless to serve the public with. Demo people are looked for in the database, by `services`."""
    problems = []
    if len(settings.secret_key) < 32:
        problems.append(
            "LMS_SECRET_KEY: production needs at least 32 random characters, the same on every web host"
        )
    if settings.signing_key_file is None:
        problems.append(
            "LMS_SIGNING_KEY_FILE: production needs its own signing key, kept and backed up by you"
        )
    if settings.engine == "slurm" and not (settings.slurm_site or settings.base_url).startswith("https://"):
        problems.append(
            "LMS_SLURM_SITE: compute nodes reach production by https://; what they fetch holds hidden tests and people's work"
        )
    if not settings.is_https:
        problems.append(
            "LMS_BASE_URL: production is reached by https://; credentials carry this address for ever"
        )
    return problems
