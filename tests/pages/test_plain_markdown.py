"""The text of a chapter as Markdown that any notebook can show."""

import pytest
from plain_markdown import Book, MystError, plain

SMALL = Book(
    numbers={"eq-a": "3.1", "fig-a": "3.2"},
    titles={"03_x": "The third", "dials": "Two dials"},
    pages={"dials": "04_y", "fig-a": "03_x"},
    citations={"key": ("Li and Wang", "2020", "https://doi.org/1", "A work"), "old": ("Zhang et al.", "", "", "Old")},
    site="https://site",
    files="https://files",
)


@pytest.mark.parametrize(
    ("myst", "markdown"),
    [
        ("```{math}\n:label: eq-a\na\n= b\n```", r"$$a = b \tag{3.1}$$"),
        ("```{math}\na &= b \\\\\nc &= d\n```", r"$$\begin{aligned} a &= b \\ c &= d \end{aligned}$$"),
        ("```{math}\n\\begin{cases} a \\\\ b \\end{cases}\n```", r"$$\begin{cases} a \\ b \end{cases}$$"),
        ("$$a\n= b$$ (eq-a)", r"$$a = b \tag{3.1}$$"),
        ("$$a$$", "$$a$$"),
        ("as {eq}`eq-a` says", "as (3.1) says"),
        ("costs {math}`x^2` or $y_1$", "costs $x^2$ or $y_1$"),
        ("so {cite}`key`.", 'so ([Li and Wang, 2020](https://doi.org/1 "A work")).'),
        ("{cite:t}`key`", '[Li and Wang (2020)](https://doi.org/1 "A work")'),
        (
            "{cite:p}`key, old`",
            '([Li and Wang, 2020](https://doi.org/1 "A work"); [Zhang et al.](https://site/bibliography.html "Old"))',
        ),
        ("[next *one*](03_x)", "[next *one*](https://site/03_x.html)"),
        ("[next](03_x.py#a-b)", "[next](https://site/03_x.html#a-b)"),
        ("[two\nlines](dials)", "[two\nlines](https://site/04_y.html#dials)"),
        ("[out](https://a.b/c)", "[out](https://a.b/c)"),
        ("![a cat](_static/cat.jpg)", "![a cat](https://files/_static/cat.jpg)"),
        ("{ref}`dials` or {ref}`turn <dials>`", "[Two dials](https://site/04_y.html#dials) or [turn](https://site/04_y.html#dials)"),
        ("{doc}`03_x`", "[The third](https://site/03_x.html)"),
        ("{numref}`fig-a`, {numref}`Fig. {number} <fig-a>`", "Figure 3.2, Fig. 3.2"),
        ("a {term}`bin` and {term}`bins <bin>`", "a bin and bins"),
        ("(label)=\n## Title", "## Title"),
        ("[small]{.tiny} and `x`{l=python}", "small and `x`"),
        ("`{eq}` and ``{eq}`x` ``", "`{eq}` and ``{eq}`x` ``"),
        ("```python\n{eq}`x`\n(label)=\n```", "```python\n{eq}`x`\n(label)=\n```"),
        ("```{code-block} python\n:linenos:\nx = 1\n```", "```python\nx = 1\n```"),
        ("```{note}\nMind {eq}`eq-a`.\n```", "> **Note**\n> \n> Mind (3.1)."),
        (":::{margin} Where from\nA *file*.\n:::", "> **Where from**\n> \n> A *file*."),
        ("```{figure} _static/cat.jpg\n:alt: A cat.\n:name: fig-a\nThe cat.\n```",
         "![A cat.](https://files/_static/cat.jpg)\n\n*Figure 3.2: The cat.*"),
        ("- one\n\n  ```{math}\n  a\n  ```", "- one\n\n  $$a$$"),
    ],
)  # fmt: skip
def test_myst_becomes_markdown(myst, markdown):
    assert plain(myst, SMALL) == markdown


@pytest.mark.parametrize(
    "fence", ["```{admonition} Solution\n:class: dropdown\n%s\n```", ":::{dropdown} Solution\n%s\n:::"]
)
def test_what_a_page_folds_is_folded(fence):
    folded = plain("Before.\n" + fence % "See {eq}`eq-a`.\n\n- one" + "\nAfter.", SMALL)
    # Without the blank lines Markdown would take it all for HTML.
    details = "<details>\n<summary>Solution</summary>\n\nSee (3.1).\n\n- one\n\n</details>"
    assert folded == f"Before.\n\n{details}\n\nAfter."


def test_a_link_that_turns_dials_is_its_words():
    assert plain(
        'Set <a class="set" href="#T=1&amp;lam=0.5">$\\lambda$ to\n0.5</a>, then {eq}`eq-a`.', SMALL
    ).startswith("Set $\\lambda$ to\n0.5, then")


def test_a_fence_in_a_fence():
    text = "````{admonition} Solution\n:class: dropdown\n```{math}\n:label: eq-a\na\n```\n```python\nx\n```\n````"
    assert plain(text, SMALL).splitlines()[3:8] == [r"$$a \tag{3.1}$$", "", "```python", "x", "```"]


@pytest.mark.parametrize(
    ("myst", "named"),
    [
        ("{sparkle}`x`", "sparkle"),
        ("```{sparkle}\nx\n```", "sparkle"),
        ("```{note}\n{sparkle}`x`\n```", "sparkle"),
        ("```{note}\nnever closed", "not closed"),
        ("{eq}`eq-none`", "eq-none"),
        ("{cite}`none`", "none"),
        ("[x](10_none)", "10_none"),
        ("{ref}`none`", "none"),
        ("{{ name }}", "name"),
        ("\\begin{align}\na\n\\end{align}", "align"),
        ("term\n: what it means", "what it means"),
    ],
)
def test_what_is_not_known_is_an_error(myst, named):
    with pytest.raises(MystError, match=named):
        plain(myst, SMALL)


def test_without_a_site_links_are_text():
    book = Book(titles={"03_x": "The third"}, citations=SMALL.citations)
    assert plain("[a](03_x), {doc}`03_x`, {cite}`old`", book) == "a, The third, (Zhang et al.)"
