"""Every page of the built book, as HTML and in a real browser: links, requests, accessibility, width, description."""

import functools
import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from bs4 import BeautifulSoup
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "_build" / "html"
PAGES = sorted(p.relative_to(BOOK).as_posix() for p in BOOK.rglob("*.html") if "_static" not in p.parts)
HOST = "http://site"
CHAPTERS = [path.stem for path in sorted((ROOT / "book").glob("[0-9]*.py"))]
#: Pages that run code and are no chapters.
MORE = {"claims", "closer_look", "dial_or_training", "field", "measuring", "which_network"}

pytestmark = pytest.mark.skipif(not PAGES, reason="the book is not built: make book")
every_page = pytest.mark.parametrize("name", PAGES)


@functools.cache
def read(name: str) -> BeautifulSoup:
    return BeautifulSoup((BOOK / name).read_text("utf-8"), "html.parser")


@functools.cache
def prefix() -> str:
    """The path at which the site is published, such as ``/colour-from-grey/``, as the page 404 has it."""
    return urljoin(read("404.html").base["href"], ".")


@functools.cache
def anchors(name: str) -> set[str]:
    return {
        tag.get("id") or tag["name"] for tag in read(name)(lambda t: t.get("id") or (t.name == "a" and t.get("name")))
    }


def links(page: BeautifulSoup, name: str) -> set[str]:
    """Where the page points, as addresses under HOST, those of the published site among them."""
    published = urljoin(page.find("link", rel="canonical")["href"], prefix())
    start = urljoin(HOST + prefix(), name)
    base = urljoin(start, page.base["href"]) if page.base else start
    found = [tag[kind] for kind in ("href", "src") for tag in page(attrs={kind: True}) if tag.name != "base"]
    found += [tag["content"] for tag in page("meta", property=re.compile("^og:(url|image)$"))]
    return {urljoin(base, link.replace(published, HOST + prefix())) for link in found}


def broken(page: BeautifulSoup, name: str) -> list[str]:
    """The links of the page to a file or a part of a page that is not there."""
    wrong = []
    for link in sorted(links(page, name)):
        if not link.startswith(HOST + "/"):
            continue
        path, fragment = unquote(urlsplit(link).path), unquote(urlsplit(link).fragment)
        inside = path.removeprefix(prefix()) or "index.html"
        known = path.startswith(prefix()) and (BOOK / inside).is_file()
        setting = "=" in fragment  # of the dials of a part of the page
        if not known or (fragment and not setting and inside.endswith(".html") and fragment not in anchors(inside)):
            wrong.append(link.removeprefix(HOST + prefix()))
    return wrong


@every_page
def test_every_link_leads_somewhere(name):
    assert len(links(read(name), name)) > 20
    assert broken(read(name), name) == []


def test_a_broken_link_is_found():
    page = BeautifulSoup(str(read("index.html")), "html.parser")
    for link in ("no_such_page.html", "01_lab.html#no-such-part", "_static/nothing.png", "/elsewhere.html"):
        page.body.append(page.new_tag("a", href=link))
    assert broken(page, "index.html") == [
        "01_lab.html#no-such-part",
        "_static/nothing.png",
        "no_such_page.html",
        "http://site/elsewhere.html",
    ]


@every_page
def test_every_picture_has_words_for_those_who_do_not_see_it(name):
    """Empty ones say that it is decoration. A file name is what Sphinx writes where nobody wrote anything."""
    without = [
        tag.get("src", "")[:80]
        for tag in read(name)("img")
        if tag.get("alt") is None or re.search(r"\.(png|jpe?g|svg|gif|webp)$", tag["alt"])
    ]
    assert without == []


@every_page
def test_a_page_says_what_it_is(name):
    page = read(name)
    assert page.html["lang"] == "en"
    assert page.title.text.strip()
    headings = [h1 for h1 in page("h1") if not h1.find_parent(class_="onlyprint")]
    assert len(headings) == 1
    assert headings[0].text.strip()


@every_page
def test_a_shared_link_and_a_search_engine_show_what_it_is_about(name):
    said = {tag.get("property") or tag["name"]: tag["content"] for tag in read(name)("meta", content=True)}
    assert 20 < len(said["description"]) <= 202
    assert said["og:description"] == said["description"]
    assert said["og:title"]
    assert "[" not in said["description"]  # no citation
    assert said["og:url"].endswith(prefix() + name)
    with Image.open(BOOK / said["og:image"].partition(prefix())[2]) as card:
        assert card.size == (1200, 630)


def test_chapters_are_told_apart():
    said = [read(f"{chapter}.html").find("meta", attrs={"name": "description"})["content"] for chapter in CHAPTERS]
    assert len(set(said)) == len(CHAPTERS)


def test_every_chapter_has_a_run_time():
    rows = read("runtimes.html").select("main table tbody tr")
    times = {Path(row.a["href"]).stem: int(row("td")[1].text) for row in rows if row.a}
    assert {*CHAPTERS, *MORE} == set(times)
    assert min(times.values()) > 0
    assert abs(int(rows[-1].td.text) - sum(times.values())) <= len(times)  # each is rounded


def test_a_chapter_says_how_many_minutes_it_takes():
    """To read, by its words, and to run, as the page of run times has it."""
    rows = read("runtimes.html").select("main table tbody tr")
    times = {Path(row.a["href"]).stem: int(row("td")[1].text) for row in rows if row.a}
    for chapter in (*CHAPTERS, *MORE):
        page = read(f"{chapter}.html")
        said = re.search(
            r"About (\d+) minutes? to read, and (\d+) minutes? to run", page.select_one("main .minutes").text
        )
        text = [tag.text for tag in page.select("main article p") if not tag.find_parent(class_="minutes")]
        most = sum(len(part.split()) for part in text) / 220  # exercises and answers among it
        assert 0.3 * most - 1 < int(said[1]) <= 1.2 * most + 1, chapter
        assert abs(int(said[2]) - times[chapter] / 60) <= 1, chapter


@pytest.fixture(scope="module")
def site(serve, tmp_path_factory) -> str:
    """Address of a server that has the pages where the published site has them, and the page 404 far from there."""
    folder = tmp_path_factory.mktemp("site")
    home, far = folder / prefix().strip("/"), folder / "no" / "such"
    for path in (home, far):
        path.mkdir(parents=True, exist_ok=True)
    for entry in BOOK.iterdir():
        (home / entry.name).symlink_to(entry)
    (far / "page.html").symlink_to(BOOK / "404.html")
    return serve(folder)


#: Hides, without moving anything, what holds no text but such as looks like some before it: in the same tags and
#: classes up to the page, with the same colours in light and dark. What axe says of the one it would say of the
#: other, and much later: the reference has thousands of words of code. Returns how many different ones there are.
HIDE_REPEATED = """() => {
    const all = [...document.body.querySelectorAll("*")], parts = new Map(), fresh = new Map();
    const path = e => {
        const own = () => `${e.localName}.${e.getAttribute("class")}[${e.getAttribute("style")}]`;
        if (e && !parts.has(e)) parts.set(e, `${path(e.parentElement)}>${own()}`);
        return e ? parts.get(e) : "";
    };
    const texts = all.filter(e => [...e.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
    const looks = texts.map(path);
    for (const theme of ["light", "dark"]) {
        document.documentElement.dataset.theme = theme;
        texts.forEach((e, i) => {
            const {color, backgroundColor, opacity, fontSize, fontWeight} = getComputedStyle(e);
            looks[i] += [theme, color, backgroundColor, opacity, fontSize, fontWeight].join();
        });
    }
    const seen = new Set();
    texts.forEach((e, i) => { fresh.set(e, !seen.has(looks[i])); seen.add(looks[i]); });
    const spared = new Set(), known = new Set();  // what holds something new; what holds something known
    for (const [e, isNew] of fresh)
        for (let up = e; up; up = up.parentElement) (isNew ? spared : known).add(up);
    for (const e of all)
        if (known.has(e) && !spared.has(e)) e.style.setProperty("visibility", "hidden", "important");
    return seen.size;
}"""
CONTRAST = "color-contrast"


def ready_for_axe(page) -> None:
    """With axe in the page, and without transitions: after a change of theme axe would measure colours halfway."""
    page.add_style_tag(content="*, *::before, *::after { transition: none !important }")
    page.evaluate(AXE_SCRIPT)


def findings(page, theme: str, **options) -> list[str]:
    """What axe finds serious or critical in the light or the dark."""
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    options |= {"resultTypes": ["violations"], "preload": False}  # it would look for imported style sheets elsewhere
    found = page.evaluate("async options => (await axe.run(options)).violations", options)
    return [
        f"{theme}: {finding['id']}: {node['html'][:150]}"
        for finding in found
        if finding["impact"] in ("serious", "critical")
        for node in finding["nodes"]
    ]


@every_page
def test_a_page_in_a_browser(name, open_page, site):
    """Nothing from elsewhere (see ``open_page``), usable by everybody in light and dark, no wider than a phone."""
    page = open_page(site + prefix() + name, viewport={"width": 1280, "height": 900})
    page.wait_for_load_state("load")
    page.evaluate("window.MathJax?.startup?.promise")
    ready_for_axe(page)
    assert findings(page, "light", rules={CONTRAST: {"enabled": False}}) == []
    page.evaluate(HIDE_REPEATED)
    assert findings(page, "light", runOnly=[CONTRAST]) == []
    assert findings(page, "dark", runOnly=[CONTRAST]) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(("colour", "where"), [("#ccc", "light"), ("#444", "dark")])
def test_words_that_are_too_pale_are_found_though_most_are_hidden(colour, where, open_page, site):
    page = open_page(site + prefix() + "bibliography.html")
    page.evaluate("colour => document.querySelectorAll('.citation a').forEach(a => a.style.color = colour)", colour)
    ready_for_axe(page)
    words = page.locator(".citation a:visible").count()
    assert page.evaluate(HIDE_REPEATED)
    assert 0 < page.locator(".citation a:visible").count() < words
    found = [finding for theme in ("light", "dark") for finding in findings(page, theme, runOnly=[CONTRAST])]
    assert found and all(re.match(f"{where}: {CONTRAST}: <a ", finding) for finding in found)


def test_the_search_can_be_read_in_the_dark(open_page, site):
    page = open_page(site + prefix() + "search.html?q=temperature", color_scheme="dark")
    page.wait_for_selector("#search-results li a span.highlighted")
    ready_for_axe(page)
    assert findings(page, "dark", runOnly=[CONTRAST]) == []
    lens, field = (page.locator(f"main .bd-search {part}").bounding_box() for part in ("i", "input"))
    assert lens["x"] + lens["width"] <= field["x"], "the lens does not lie on the words"


def test_in_the_dark_no_field_is_white(open_page, site):
    page = open_page(site + "/no/such/page.html", color_scheme="dark")
    paper = page.locator("main input[type=search]").evaluate("field => getComputedStyle(field).backgroundColor")
    assert max(map(int, re.findall(r"\d+", paper)[:3])) < 64


def test_on_a_phone_the_way_to_the_top_is_a_small_arrow(open_page, site):
    page = open_page(site + prefix() + "glossary.html", viewport={"width": 390, "height": 844})
    page.wait_for_load_state("load")
    button = page.locator("#pst-back-to-top")
    for place in (2000, 1500, 1200, 1000):  # it comes on the way up
        page.evaluate(  # and each step is noticed, however busy the machine: steps too fast for it are one
            """top => new Promise(noticed => {
                addEventListener("scroll", () => setTimeout(noticed, 150), { once: true });
                scrollTo({ top, behavior: "instant" });
            })""",
            place,
        )
    button.wait_for(state="visible")
    box = button.bounding_box()
    assert 24 <= box["width"] <= 48 and 24 <= box["height"] <= 48
    assert box["x"] + box["width"] > 370
    button.click()
    page.wait_for_function("scrollY === 0")


def test_a_wrong_address_leads_on(open_page, site):
    page = open_page(site + "/no/such/page.html")
    assert page.inner_text("main h1") == "There is nothing here"
    page.fill("main input[type=search]", "annealed")
    page.click("main button[type=submit]")
    page.wait_for_selector("#search-results li a")
    assert urlsplit(page.url).path == prefix() + "search.html"
    page.go_back()
    page.click("main a:text('chapter 1')")
    page.wait_for_selector("text=Meet Chelsea")
