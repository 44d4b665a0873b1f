"""What is mended in every page, on a page of a few words."""

from types import SimpleNamespace

from accessible import mend

CASES = {
    r'<p>as <span class="math notranslate nohighlight">\(T \to 0\)</span>. So</p>': (
        r'<p>as <span class="together"><span class="math notranslate nohighlight">\(T \to 0\)</span>.</span> So</p>'
    ),
    "<th>T = 1, λ = 0.5</th>": "<th>T\xa0=\xa01, λ\xa0=\xa00.5</th>",
    '<td class="x">67.0 (66.1–67.9)</td>': '<td class="x">67.0 (66.1–\u206067.9)</td>',
    "<td>2.0 (-0.3 to +4.4)</td>": "<td>2.0 (-0.3\xa0to\xa0+4.4)</td>",
    "<td>from one to 3</td><p>T = 1</p>": "<td>from one to 3</td><p>T = 1</p>",
}


def test_lines_do_not_break_within_what_belongs_together():
    for body, wanted in CASES.items():
        context = {"generate_toctree_html": str, "body": body}
        mend(SimpleNamespace(), "page", "page.html", context, None)
        assert context["body"] == wanted
