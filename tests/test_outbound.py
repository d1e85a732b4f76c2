"""What others name is asked over https, on the public internet, within bounds, or not at all."""

import ipaddress
import time

import pytest

from lms.outbound import POLICY, Errand, NoAnswer, NotAllowed, Policy, fetch, request
from tests.elsewhere import LOOPBACK, serving

INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "100.127.255.254", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.1", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7",
    "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1",
    "::ffff:8.8.8.8", "64:ff9b::a00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1", "100::1", "2001::1",
    "2001:0:53aa:64c:0:fffe:80ff:fffe", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1", "3fff::1",
    "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "93.184.215.14", "172.32.0.1", "100.128.0.1", "192.0.1.1", "223.255.255.1", "2606:2800:21f:cb07::1",
    "2a00:1450::1",
]  # fmt: skip


@pytest.fixture(scope="module")
def server():
    with serving("far.example", "other.example") as site:
        yield site


@pytest.fixture
def far(server):
    server.pages.clear()
    server.asked.clear()
    server.looked_up.clear()
    return server


def finds(*addresses, **given):
    """A policy whose every look-up finds `addresses`."""
    return Policy(look_up=lambda _host, _port: list(addresses), seconds=2.0, **given)


@pytest.mark.parametrize("address", INSIDE)
def test_no_host_leads_inside_whatever_form_its_address_has(address):
    assert not POLICY.allows(ipaddress.ip_address(address))
    with pytest.raises(NotAllowed, match="not on the public internet"):
        fetch("https://harmless.example/", policy=finds(address))
    with pytest.raises(NotAllowed, match="not on the public internet"):
        fetch("https://harmless.example/", policy=finds("8.8.8.8", address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_allowed(address):
    assert POLICY.allows(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/",
        "https://localhost/", "https://LOCALHOST./", "https://[fe80::1%25lo]/",
    ],
)  # fmt: skip
def test_numbers_and_names_for_this_machine_are_seen_through(url):
    with pytest.raises((NotAllowed, NoAnswer)) as refused:
        fetch(url)
    assert any(each in refused.value.message for each in ("public internet", "Nobody knows"))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://far.example/", "https://"),
        ("file:///etc/passwd", "https://"),
        ("gopher://far.example/", "https://"),
        ("//far.example/", "https://"),
        ("far.example", "https://"),
        ("https://user:secret@far.example/", "no name or password"),
        ("https://@far.example/", "no name or password"),
        ("https:///path", "has a host"),
        ("https://far.example:22/", "Port 22"),
        ("https://far.example:8443/", "Port 8443"),
        ("https://far.example:99999/", "cannot be read"),
        ("https://[::1/", "cannot be read"),
        ("https://far..example/", "cannot be read"),
        ("https://far.example/a b", "control characters"),
        ("https://far.example/\r\nX-Header: 1", "control characters"),
        ("https://far.example/" + "a" * 2000, "too long"),
    ],
)
def test_an_address_of_another_kind_is_never_asked(url, why):
    with pytest.raises(NotAllowed, match=why):
        fetch(url, policy=finds("8.8.8.8"))


def test_what_is_found_is_returned_and_nothing_of_ours_is_sent(far):
    far.pages["far.example", "/did.json?x=%C3%A9"] = (200, {"Content-Type": "application/json"}, b"{}")
    answer = request("GET", far.url("/did.json?x=é#fragment"), policy=far.policy())
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"{}", "application/json")
    ((method, host, path, headers, _body),) = far.asked
    assert (method, host, path) == ("GET", "far.example", "/did.json?x=%C3%A9")
    assert set(headers) == {"Host", "User-Agent", "Accept-Encoding", "Connection"}


def test_a_host_is_looked_up_once_so_that_a_second_answer_has_no_effect(far):
    far.pages["far.example", "/"] = (200, {}, b"here")
    first = iter([["127.0.0.1"]])
    assert fetch(far.url(), policy=far.policy(look_up=lambda *_: next(first))) == b"here"


def test_a_server_must_prove_that_it_is_the_host_that_was_named():
    with (
        serving("far.example", certified=["wrong.example"]) as site,
        pytest.raises(NoAnswer, match="does not show a certificate"),
    ):
        fetch(site.url(), policy=site.policy())
    assert site.asked == []


def test_redirects_are_followed_on_the_same_host_and_no_further(far):
    far.pages["far.example", "/old"] = (302, {"Location": "/new"}, b"")
    far.pages["far.example", "/new"] = (200, {}, b"moved")
    far.pages["far.example", "/away"] = (301, {"Location": far.url("/x", "other.example")}, b"")
    far.pages["other.example", "/x"] = (200, {}, b"elsewhere")
    assert fetch(far.url("/old"), policy=far.policy()) == b"moved"
    with pytest.raises(NotAllowed, match="not taken from another"):
        fetch(far.url("/away"), policy=far.policy())
    assert fetch(far.url("/away"), policy=far.policy(), elsewhere=True) == b"elsewhere"


@pytest.mark.parametrize(
    "onward", ["http://far.example/", "https://user@far.example/", "https://far.example:25/", "https://[::1/"]
)
def test_where_a_redirect_leads_is_judged_anew(far, onward):
    far.pages["far.example", "/"] = (302, {"Location": onward}, b"")
    with pytest.raises(NotAllowed):
        fetch(far.url(), policy=far.policy(), elsewhere=True)


def test_a_redirect_to_the_inside_is_refused(far):
    def look_up(host, _port):
        return ["127.0.0.1"] if host == "far.example" else ["10.0.0.5"]

    far.pages["far.example", "/"] = (302, {"Location": far.url("/", "other.example")}, b"")
    with pytest.raises(NotAllowed, match=r"other\.example is not on the public internet"):
        fetch(far.url(), policy=far.policy(look_up=look_up), elsewhere=True)


def test_redirects_in_a_circle_end(far):
    far.pages["far.example", "/"] = (302, {"Location": "/"}, b"")
    with pytest.raises(NoAnswer, match="on and on"):
        fetch(far.url(), policy=far.policy())
    assert len(far.asked) == 4


def test_an_answer_that_is_too_large_is_not_read_to_its_end(far):
    far.pages["far.example", "/"] = (200, {}, b"x" * 1001)
    assert len(fetch(far.url(), policy=far.policy(most_bytes=1001))) == 1001
    with pytest.raises(NoAnswer, match="more than 1000 bytes"):
        fetch(far.url(), policy=far.policy(most_bytes=1000))


def drip(piece, seconds, before=b""):
    def answer(handler):
        handler.wfile.write(before)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(0.02)

    return answer


@pytest.mark.parametrize(
    "slow",
    [
        drip(b"x", 4, b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"),
        drip(b"x", 4, b"HTTP/1.1 200 OK\r\nX-Long: "),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n", 4),
        lambda _handler: time.sleep(4),
    ],
    ids=["body", "headers", "continue", "silence"],
)
def test_who_drips_is_cut_off_when_the_time_is_over(far, slow):
    far.pages["far.example", "/"] = slow
    started = time.monotonic()
    with pytest.raises(NoAnswer, match="took too long"):
        fetch(far.url(), policy=far.policy(seconds=0.4))
    assert time.monotonic() - started < 1.5


def test_a_resolver_that_does_not_answer_is_not_waited_for():
    def look_up(*_):
        time.sleep(0.5)
        return ["8.8.8.8"]

    with pytest.raises(NoAnswer, match="in time"):
        fetch("https://far.example/", policy=Policy(look_up=look_up, seconds=0.05))


@pytest.mark.parametrize(
    "sent",
    [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 300],
    ids=["nothing", "another protocol", "too many headers"],
)  # fmt: skip
def test_what_is_no_answer_is_told_as_none(far, sent):
    far.pages["far.example", "/"] = lambda handler: handler.wfile.write(sent)
    with pytest.raises(NoAnswer, match="no answer that can be read"):
        fetch(far.url(), policy=far.policy())


def test_an_answer_that_ends_in_the_middle_is_no_answer(far):
    far.pages["far.example", "/"] = lambda handler: handler.wfile.write(
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"
    )
    with pytest.raises(NoAnswer, match="in the middle"):
        fetch(far.url(), policy=far.policy())


def test_nobody_there_is_told_in_words():
    with pytest.raises(NoAnswer, match="Nobody knows where"):
        fetch("https://far.example/", policy=finds())
    with pytest.raises(NoAnswer, match="no answer"):
        fetch("https://far.example:1/", policy=finds("127.0.0.1", also=LOOPBACK, ports=frozenset({1})))


def test_only_a_good_status_is_a_document_while_a_request_returns_every_status(far):
    with pytest.raises(NoAnswer, match="status 404"):
        fetch(far.url("/nothing"), policy=far.policy())
    far.pages["far.example", "/hook"] = (410, {"Retry-After": "5"}, b"gone")
    answer = request("POST", far.url("/hook"), body=b"{}", headers={"X-Id": "1"}, policy=far.policy())
    assert (answer.status, answer.body, answer.headers["retry-after"]) == (410, b"gone", "5")
    method, _host, _path, headers, body = far.asked[-1]
    assert (method, body, headers["X-Id"], headers["Content-Length"]) == ("POST", b"{}", "1", "2")


def test_what_is_posted_is_never_sent_on(far):
    far.pages["far.example", "/hook"] = (307, {"Location": "/else"}, b"")
    assert request("POST", far.url("/hook"), body=b"{}", policy=far.policy()).status == 307
    assert len(far.asked) == 1


def test_an_errand_asks_each_address_once_and_not_too_many(far):
    for number in range(3):
        far.pages["far.example", f"/{number}"] = (200, {}, b"%d" % number)
    errand = Errand(far.policy(), most=2)
    assert [errand(far.url("/0")), errand(far.url("/0")), errand(far.url("/1"))] == [b"0", b"0", b"1"]
    with pytest.raises(NoAnswer, match="more addresses"):
        errand(far.url("/2"))
    assert len(far.asked) == 2


def test_an_errand_has_one_budget_of_time(far):
    far.pages["far.example", "/"] = lambda _handler: time.sleep(2)
    errand = Errand(far.policy(), seconds=0.3)
    with pytest.raises(NoAnswer, match="too long"):
        errand(far.url())
    with pytest.raises(NoAnswer, match="slower ones"):
        errand(far.url("/other"))
