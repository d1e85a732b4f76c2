"""Visits to a page with a notebook, in Chromium: it is opened, its first code cell is run as soon as it can be, and its output is seen."""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, sync_playwright

PATIENCE = 180_000  # milliseconds
SETTLING = 1.5  # seconds, for what Chromium does when it starts
SHOWN = """([selector, text]) => new Promise((resolve) => {
    const isShown = () => [...document.querySelectorAll(selector)]
        .some(each => each.textContent.includes(text) && each.checkVisibility());
    const look = () => {
        if (!isShown()) return;
        observer.disconnect();
        requestAnimationFrame(resolve);
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    look();
})"""
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]


@dataclass(frozen=True)
class Notebook:
    """How a notebook page is used. `ready` and `cell` are selectors: of a page that can be used, and of its first code cell. `pressed` is
    what runs the cell, within it, or gives it the focus for `key` to do so. `done` is the cell's output when it has run.
    """

    name: str
    path: str
    ready: str
    cell: str
    pressed: str
    key: str
    done: str
    cookie: str = ""


@dataclass(frozen=True)
class Visit:
    """Seconds since the page was opened: until it can be used, the cell was run, and its output is shown."""

    ready: float
    run: float
    output: float


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def visit(notebook: Notebook, port: int, profile: Path, expected: str) -> Visit:
    """By a browser that is started for it, with what `profile` keeps of earlier ones. `expected` is a part of the output's text."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium(), args=ARGUMENTS
        )
        try:
            context.set_default_timeout(PATIENCE)
            _sign_in(context, notebook.cookie)
            time.sleep(SETTLING)
            return _use(context.pages[0], notebook, f"http://127.0.0.1:{port}{notebook.path}", expected)
        finally:
            context.close()


def _use(page: Page, notebook: Notebook, address: str, expected: str) -> Visit:
    opened = time.perf_counter()
    page.goto(address, wait_until="commit")
    _until(page, notebook.ready)
    ready = time.perf_counter()
    _run(page, page.locator(notebook.cell).first, notebook)
    run = time.perf_counter()
    _until(page, notebook.done, expected)
    output = time.perf_counter()
    return Visit(ready - opened, run - opened, output - opened)


def _until(page: Page, selector: str, text: str = "") -> None:
    """Looks when something has changed, and waits for the frame that shows it. A locator may wait half a second between two looks, and to
    look at every frame keeps the browser drawing: a tenth of all that is measured.
    """
    page.evaluate(SHOWN, [selector, text])


def _run(page: Page, cell: Locator, notebook: Notebook) -> None:
    cell.locator(notebook.pressed).first.click()
    if notebook.key:
        page.keyboard.press(notebook.key)


def _sign_in(context: BrowserContext, cookie: str) -> None:
    for each in filter(None, cookie.split("; ")):
        name, _, value = each.partition("=")
        context.add_cookies([{"name": name, "value": value, "domain": "127.0.0.1", "path": "/"}])
