"""``make screens``: photograph every page of the demonstration desk as every person.

Starts ``manage.py up --demo`` with data of its own, signs in as each person, follows the links inside the site (one
example for each kind of page), and takes each picture at 1280 and 390 pixels, light and dark. The pictures lie in
``screenshots/``, which git ignores.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import time
from collections import deque
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Error, Page

from tests.browser import chromium, sign_in
from tests.core.processes import environment, free_port, get, start, until

ROOT = Path(__file__).resolve().parent.parent
PEOPLE = ("rita", "cora", "max", "petra", "ada", "otto", "hugo", "ana", "eve")
SIZES = {"1280": (1280, 900), "390": (390, 844)}
# What is no page: downloads, signing out, the fragments of htmx.
SKIPPED = re.compile(r"/zip/|/files/|^/attachments/|/logout/|/static/|/bell/|jsi18n|/delete/|/password/change")


def kind_of(url: str) -> str:
    """Pages that differ in their numbers only are one kind."""
    parts = urlsplit(url)
    names = sorted(pair.partition("=")[0] for pair in parts.query.split("&") if pair)
    path = re.sub(r"/surveys/[^/]+", "/surveys/link", re.sub(r"\d+", "1", parts.path))
    return path + ("?" + "&".join(names) if names else "")


def pages_of(page: Page, base: str, examples: int) -> list[str]:
    """Addresses to photograph: breadth-first from the start page, ``examples`` of each kind."""
    seen: dict[str, int] = {}
    found, queue, known = [], deque([base + "/"]), {base + "/"}
    while queue:
        url = queue.popleft()
        kind = kind_of(url)
        if seen.get(kind, 0) >= (1 if url.startswith(base + "/admin/") else examples):
            continue
        try:
            answer = page.goto(url, wait_until="domcontentloaded")
        except Error:  # a download, which is no page
            continue
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        seen[kind] = seen.get(kind, 0) + 1
        found.append(url)
        for href in page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)"):
            link = href.partition("#")[0]
            if link.startswith(base + "/") and link not in known and not SKIPPED.search(urlsplit(link).path):
                known.add(link)
                queue.append(link)
    return found


def file_name(url: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", kind_of(url).lower()).strip("-")[:80] or "start"


def photograph(browser: Browser, base: str, folder: Path, person: str | None, examples: int, *, whole: bool) -> int:
    """Take the pictures of one person (None: a stranger); returns how many."""
    context = browser.new_context()
    page = context.new_page()
    if person:
        sign_in(page, base, f"{person}@demo.example")
        urls = pages_of(page, base, examples)
    else:
        urls = [f"{base}/account/login/", f"{base}/account/password/reset/"]
    target = folder / (person or "stranger")
    target.mkdir(parents=True, exist_ok=True)
    taken = 0
    for url in urls:
        for size, (width, height) in SIZES.items():
            for scheme in ("light", "dark"):
                if not whole and (size, scheme) not in {("1280", "light"), ("390", "dark")}:
                    continue
                page.set_viewport_size({"width": width, "height": height})
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.goto(url)
                name = file_name(url)
                path = target / f"{name}.{size}.{scheme}.png"
                count = 1
                while path.exists():
                    count += 1
                    path = target / f"{name}-{count}.{size}.{scheme}.png"
                page.screenshot(path=path, full_page=True)
                taken += 1
    context.close()
    return taken


def pictures_for_readme(browser: Browser, base: str) -> None:
    """The two pictures that the README shows."""
    (ROOT / "docs").mkdir(exist_ok=True)
    for person, path, name in (("rita", "/", "portal"), ("ada", "/panel/queue/", "panel")):
        context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
        page = context.new_page()
        sign_in(page, base, f"{person}@demo.example")
        page.goto(base + path)
        page.screenshot(path=ROOT / "docs" / f"{name}.png")
        context.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="make screens", description=__doc__.partition("\n")[0])
    parser.add_argument("--people", default=",".join(PEOPLE), help="who is photographed (default: %(default)s)")
    parser.add_argument("--examples", type=int, default=2, help="pages of each kind (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="wide and light, narrow and dark only")
    parser.add_argument("--readme", action="store_true", help="only the two pictures of the README, into docs/")
    options = parser.parse_args()

    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        sys.stderr.write("make screens needs Chromium (Debian: apt-get install chromium).\n")
        return 1
    folder, data, port = ROOT / "screenshots", ROOT / "var" / "screens", free_port()
    if not options.readme:
        shutil.rmtree(folder, ignore_errors=True)
    data.mkdir(parents=True, exist_ok=True)
    base = f"http://localhost:{port}"
    desk = start("up", "--demo", "--port", str(port), env=environment(data), log=data / "up.log")
    try:
        until(lambda: get(f"{base}/healthz")[0] == 200, 120, f"the desk is up; see {data / 'up.log'}")
        with chromium(path) as browser:
            if options.readme:
                pictures_for_readme(browser, base)
                return 0
            for person in (None, *options.people.split(",")):
                began = time.monotonic()
                taken = photograph(browser, base, folder, person, options.examples, whole=not options.quick)
                print(f"{person or 'stranger':10} {taken:4} pictures in {time.monotonic() - began:.0f} s", flush=True)
    finally:
        desk.terminate()
        desk.wait(30)
    print(f"The pictures lie in {folder}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
