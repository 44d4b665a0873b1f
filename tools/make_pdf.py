"""Make ``_build/colour-from-grey.pdf``: the whole book but the reference of the library, printed by Chromium.

Chapters run, or are taken from the cache, as in ``build_book``; Sphinx then puts all pages into one.
"""

import shutil
import subprocess
import sys
from datetime import date

import yaml
from build_book import BUILD, ROOT, environment, jupyter_book
from playwright.sync_api import Page, sync_playwright

PDF = BUILD / "colour-from-grey.pdf"
PAGE = BUILD / "singlehtml" / "index.html"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NUMBER = '<div style="width: 100%; font-size: 8pt; text-align: center"><span class="pageNumber"></span></div>'
#: On paper nothing unfolds: solutions are open, and other code that was folded is left out.
STYLE = """
  .cell:not(.tag_solution) > details.hide, .toggle-button, .headerlink, .copybtn { display: none !important }
  .verdict-not-yet, .toctree-wrapper > .caption, #document-api, #document-api + section { display: none }
  #print-main-content, article, [id^="document-"] + section { break-before: page }
  pre, .cell_input, .cell_output, img, figure, table, .admonition, .math { break-inside: avoid }
  h1, h2, h3, h4 { break-after: avoid }
  pre { white-space: pre-wrap !important }
  .bd-article, .bd-article-container { padding: 0 !important }
  .pdf-cover { padding-top: 20%; text-align: center }
  .pdf-cover img { aspect-ratio: 3; object-fit: cover; object-position: top; width: 100%; margin: 3rem 0 2rem }
"""
#: The theme's title for the print becomes the title page; the reference leaves the table of contents too.
ARRANGE = """([author, today]) => {
    const title = document.querySelector("#jb-print-docs-body > h1");
    const cover = document.createElement("div");
    cover.className = "pdf-cover";
    title.replaceWith(cover);
    const picture = Object.assign(new Image(), {src: "_static/card.jpg", alt: ""});
    const lines = [document.querySelector("article p").textContent, `${author}, ${today}`];
    cover.append(title, picture, ...lines.map(text => Object.assign(document.createElement("p"), {textContent: text})));
    for (const solution of document.querySelectorAll(".tag_solution > details")) {
        solution.open = true;
        solution.querySelector("summary").textContent = "Solution";
    }
    for (const link of document.querySelectorAll('#jb-print-toc a[href*="document-api"]')) link.closest("li").remove();
    return picture.decode();
}"""


def print_page(page: Page, author: str) -> None:
    """Arrange the one page of the book for paper, and print it."""
    page.goto(PAGE.as_uri(), wait_until="load")
    page.evaluate("window.MathJax.startup.promise")
    page.add_style_tag(content=STYLE)
    page.evaluate(ARRANGE, [author, f"{date.today():%d %B %Y}"])
    margin = {"top": "16mm", "bottom": "18mm", "left": "16mm", "right": "16mm"}
    page.pdf(
        path=PDF,
        format="A4",
        scale=0.85,  # so that 80 characters of code fit
        margin=margin,
        print_background=True,
        outline=True,
        tagged=True,
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=NUMBER,
    )


def main() -> int:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        print("There is no Chromium to print with: install one (Debian: apt-get install chromium).", file=sys.stderr)
        return 1
    if subprocess.run(jupyter_book("singlehtml"), cwd=ROOT, env=environment()).returncode:
        return 1
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page()
        page.set_default_timeout(300_000)
        print_page(page, yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["author"])
        chromium.close()
    print(PDF)
    return 0


if __name__ == "__main__":
    sys.exit(main())
