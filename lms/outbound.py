"""The one door to addresses that others chose: their DID documents, keys, status lists and badges, and where webhooks go.

A server that fetches what a stranger names is a way into the network it stands in. So: https only, ports by list, no names or passwords
in an address; the host is looked up once, every address it has must be public, and the connection goes to that very address while
TLS still asks for the host's name, so that a second, different answer of its name server has no effect. No cookies, no proxies, no
compression; sizes are bounded, and so is the time of the whole exchange, however slowly it drips.

The connection is the standard library's: `connect` below is all that a policy has to replace.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from lms.errors import Invalid, Unavailable
from lms.words import gettext as _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

V6 = ipaddress.ip_network("2000::/3")
"""All that is routed publicly in IPv6. Outside of it are the forms that carry an IPv4 address: mapped, compatible and NAT64."""

CLOSED: tuple[Network, ...] = tuple(
    ipaddress.ip_network(each)
    for each in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    )
)  # fmt: skip
"""IANA's special-purpose registries, written out: what Python calls private differs between its versions. 2001::/23 holds Teredo and
2002::/16 is 6to4, which both carry an IPv4 address."""

USER_AGENT = "Slipway"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
LONGEST_URL = 2000
MOST_ADDRESSES = 3


class NotAllowed(Invalid):
    """An address that is never asked, whoever names it."""


class NoAnswer(Unavailable):
    """It was asked, and what came back is no answer: nothing, too much, too slowly, or from somebody else."""


def look_up(host: str, port: int) -> list[str]:
    """The numeric addresses of `host`, as the system's resolver gives them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@cache
def _system_trust() -> ssl.SSLContext:
    return ssl.create_default_context()


@dataclass(frozen=True)
class Policy:
    """What may be asked, and how much of an answer is taken. `also` are addresses that are allowed although they are not public."""

    ports: frozenset[int] = frozenset({443})
    most_bytes: int = 2**20
    seconds: float = 10.0
    redirects: int = 3
    also: tuple[Network, ...] = ()
    look_up: Callable[[str, int], list[str]] = look_up
    trust: Callable[[], ssl.SSLContext] = _system_trust

    def allows(self, address: Address) -> bool:
        """Whether `address` is public, or named by `also`."""
        if any(address in each for each in self.also):
            return True
        routed = address.version == 4 or address in V6
        return routed and not any(address in each for each in CLOSED)


POLICY = Policy()


@dataclass(frozen=True)
class Answer:
    """What came back: `headers` by names in lower case, `url` of the last address asked."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] = MappingProxyType({}),
    body: bytes | None = None,
    policy: Policy = POLICY,
    elsewhere: bool = False,
) -> Answer:
    """Ask `url`, whatever the status of the answer. Raises NotAllowed or NoAnswer, with a sentence that says why.

    Redirects are followed for GET alone, at most `policy.redirects`, each judged anew; they must stay with the host that was named
    unless `elsewhere`: a host with an open redirect could otherwise be made to vouch for somebody else's key.
    """
    ends = time.monotonic() + policy.seconds
    asked = _checked(url, policy)
    for _turn in range(policy.redirects + 1):
        answer = _once(method, asked, headers, body, policy, ends)
        if method != "GET" or answer.status not in REDIRECTS or "location" not in answer.headers:
            return answer
        onward = _checked(answer.headers["location"], policy, of=answer.url)
        if not elsewhere and onward.netloc != asked.netloc:
            raise NotAllowed(
                _(
                    "%(host)s sends its visitors on to %(other)s, and what is asked of one is not taken from another.",
                    host=asked.netloc,
                    other=onward.netloc,
                )
            )
        asked = onward
    raise NoAnswer(_("%(host)s sends its visitors on and on.", host=asked.netloc))


def judge(url: str, policy: Policy = POLICY) -> str:
    """`url` as it would be asked, without asking it. Raises NotAllowed, or NoAnswer when nobody knows its host."""
    asked = _checked(url, policy)
    _addresses(asked.hostname or "", asked.port or 443, policy, time.monotonic() + policy.seconds)
    return urlunsplit(asked)


@dataclass
class Errand:
    """Several addresses fetched for one purpose, within one budget of time (seconds) and number; each is fetched once."""

    policy: Policy = POLICY
    seconds: float = 20.0
    most: int = 8
    asked: int = field(default=0, init=False)
    _kept: dict[str, bytes] = field(default_factory=dict, init=False)
    _ends: float = field(default=0.0, init=False)

    def __call__(self, url: str) -> bytes:
        """What is at `url`. Raises NotAllowed or NoAnswer."""
        if url not in self._kept:
            self._ends = self._ends or time.monotonic() + self.seconds
            left = self._ends - time.monotonic()
            if self.asked >= self.most or left <= 0:
                raise NoAnswer(_("It names more addresses, or slower ones, than are asked for one badge."))
            self.asked += 1
            policy = replace(self.policy, seconds=min(left, self.policy.seconds))
            self._kept[url] = fetch(url, policy=policy)
        return self._kept[url]


def fetch(
    url: str, *, accept: str = "application/json, */*;q=0.5", policy: Policy = POLICY, elsewhere: bool = False
) -> bytes:
    """The body found at `url`. Raises NotAllowed or NoAnswer, the latter for every status but 200 too."""
    answer = request("GET", url, headers={"Accept": accept}, policy=policy, elsewhere=elsewhere)
    if answer.status != 200:
        host = urlsplit(answer.url).netloc
        raise NoAnswer(_("%(host)s answered with status %(status)s.", host=host, status=answer.status))
    return answer.body


def _checked(url: str, policy: Policy, of: str = "") -> SplitResult:
    """`url` taken apart, as it will be asked: the host in ASCII, the path escaped, no fragment. It may be relative to `of`."""
    if len(url) > LONGEST_URL or any(ord(each) <= 32 or ord(each) == 127 for each in url):
        raise NotAllowed(_("This is no address: it is too long, or holds spaces or control characters."))
    try:
        parts = urlsplit(urljoin(of, url))
        host, port = parts.hostname or "", parts.port or 443
        name = host.rstrip(".") if ":" in host else host.rstrip(".").encode("idna").decode()
    except ValueError:  # a UnicodeError is one
        raise NotAllowed(_("This address cannot be read. Was it copied whole?")) from None
    if parts.scheme != "https":
        raise NotAllowed(_("Only addresses that begin with https:// are asked."))
    if "@" in parts.netloc or not name:
        raise NotAllowed(_("An address has a host, and carries no name or password."))
    if port not in policy.ports:
        raise NotAllowed(_("Port %(port)s is not asked; https has 443.", port=port))
    where = f"[{name}]" if ":" in name else name
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return SplitResult("https", where if port == 443 else f"{where}:{port}", path, query, "")


def _once(
    method: str,
    asked: SplitResult,
    headers: Mapping[str, str],
    body: bytes | None,
    policy: Policy,
    ends: float,
) -> Answer:
    host, port = asked.hostname or "", asked.port or 443
    addresses = _addresses(host, port, policy, ends)
    target = urlunsplit(("", "", asked.path, asked.query, ""))
    sent = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", "Connection": "close", **headers}
    connection = _Connection(host, port, addresses, policy.trust(), ends)
    try:
        connection.request(method, target, body=body, headers=sent)
        response = connection.getresponse()
        got = response.read(policy.most_bytes + 1)
        is_cut_short = bool(response.length)  # what was announced and has not come
    except ssl.SSLCertVerificationError as error:
        raise NoAnswer(
            _(
                "%(host)s does not show a certificate that proves it is %(host)s: %(why)s",
                host=host,
                why=error.verify_message,
            )
        ) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        if connection.is_late or isinstance(error, TimeoutError):
            raise NoAnswer(_("%(host)s took too long to answer.", host=host)) from error
        raise NoAnswer(_("%(host)s gave no answer that can be read.", host=host)) from error
    finally:
        connection.close()
    if len(got) > policy.most_bytes:
        raise NoAnswer(
            _("%(host)s answered with more than %(most)s bytes.", host=host, most=policy.most_bytes)
        )
    if connection.is_late:
        raise NoAnswer(_("%(host)s took too long to answer.", host=host))
    if is_cut_short:
        raise NoAnswer(_("The answer of %(host)s ended in the middle.", host=host))
    told = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, told, got, urlunsplit(asked))


_lookups = ThreadPoolExecutor(4, thread_name_prefix="look-up")
"""The resolver knows no deadline of ours: it is waited for beside it."""


def _addresses(host: str, port: int, policy: Policy, ends: float) -> list[str]:
    """The addresses of `host`: all of them allowed, or none is used."""
    try:
        found = _lookups.submit(policy.look_up, host, port).result(max(0.0, ends - time.monotonic()))
    except TimeoutError as error:
        raise NoAnswer(_("Nobody says in time where %(host)s is.", host=host)) from error
    except (OSError, UnicodeError) as error:
        raise NoAnswer(_("Nobody knows where %(host)s is.", host=host)) from error
    for each in found:
        address = ipaddress.ip_address(each.partition("%")[0])
        if "%" in each or not policy.allows(address):
            raise NotAllowed(_("%(host)s is not on the public internet, and only that is asked.", host=host))
    if not found:
        raise NoAnswer(_("Nobody knows where %(host)s is.", host=host))
    return found[:MOST_ADDRESSES]


class _Connection(http.client.HTTPSConnection):
    """A connection to addresses that were judged before, cut off at its end (of `time.monotonic`) whatever is being waited for."""

    def __init__(
        self, host: str, port: int, addresses: list[str], trust: ssl.SSLContext, ends: float
    ) -> None:
        super().__init__(host, port, context=trust)
        self._addresses, self._trust, self._ends = addresses, trust, ends
        self._twin: socket.socket | None = None
        self._alarm: threading.Timer | None = None
        self.is_late = False

    def connect(self) -> None:
        plain = self._dial()
        # A timeout of a socket begins anew with every byte. Shutting down a twin of its descriptor ends whatever is waited for.
        self._twin = plain.dup()
        self._alarm = threading.Timer(max(0.0, self._ends - time.monotonic()), self._cut)
        self._alarm.daemon = True
        self._alarm.start()
        self.sock = self._trust.wrap_socket(plain, server_hostname=self.host)

    def close(self) -> None:
        super().close()
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm.join()
        if self._twin is not None:
            self._twin.close()

    def _dial(self) -> socket.socket:
        failed: OSError = TimeoutError()
        for address in self._addresses:
            left = self._ends - time.monotonic()
            if left <= 0:
                self.is_late = True
                raise TimeoutError
            try:
                return socket.create_connection((address, self.port), timeout=left)
            except OSError as error:
                failed = error
        self.is_late = isinstance(failed, TimeoutError)
        raise failed

    def _cut(self) -> None:
        self.is_late = True
        if self._twin is not None:
            try:
                self._twin.shutdown(socket.SHUT_RDWR)
            except OSError:  # the other side was faster
                return
