"""Closed by default: sign-in on every page that is not on the list of public ones, a form token on every unsafe request, strict headers."""

from urllib.parse import urlsplit

from flask import Flask, Response, make_response, redirect, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as BaseResponse

from lms.settings import Settings
from lms.web.refusals import signed_out
from lms.web.request import wants_json

PUBLIC = frozenset(
    {
        "front.welcome", "front.catalogue", "front.accessibility", "front.static", "front.asset",
        "account.sign_in", "account.join", "account.register",
        "courses.course",
        "certificates.lookup", "certificates.credential", "certificates.file", "certificates.endorsements",
        "proofs.did", "proofs.jwks", "proofs.key", "proofs.status", "proofs.badge",
        "verify.form", "verify.check",
        "api.company", "api.companies",
        "health.alive", "health.ready",
        "nodes.task", "nodes.beat", "nodes.verdict",
        "runtime.frame", "runtime.file",
    }
)  # fmt: skip
"""Every endpoint a stranger may reach. A test compares it literally with the routes there are: opening one is a reviewed act.

`nodes.*`: compute nodes have no session. They show a random token that is good for one grading and one result, kept only as a hash.
`proofs.*`, `certificates.file`: what a stranger's program needs to check a certificate without trusting this site's word.
`api.*`: a desk's program has no session. It shows a token that reads readiness of companies, kept only as a hash, counted and revocable.
`runtime.*`: Python for the browser runs in a frame of nobody's origin, which has no cookies; the files are the same for everybody.
"""

TOKENLESS = frozenset({"nodes.beat", "nodes.verdict"})
"""Unsafe endpoints that ask for no form token: whoever calls them carries no cookie that another site's page could abuse, and no
cookie is looked at. Compared literally as well.
"""

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)


def install(app: Flask, settings: Settings) -> None:
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]
    csrf = CSRFProtect(app)
    for endpoint in TOKENLESS:
        csrf.exempt(f"lms.web.{endpoint}")  # it goes by module and function; a test sees that it took
    app.before_request(_ask_who)

    @app.after_request
    def harden(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CSP)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        if settings.is_https:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = "private, no-store" if current_user.is_authenticated else "no-cache"
        return response


def _ask_who() -> BaseResponse | None:
    if request.endpoint is None or request.endpoint in PUBLIC or current_user.is_authenticated:
        return None
    if wants_json():
        return make_response(signed_out())
    onward = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("account.sign_in", next=onward))


def safe_target(target: str | None) -> str | None:
    """`target` when it is a path on this site, else None: nobody is sent elsewhere after signing in."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None
