"""What the tests of the explorer in a browser share: an explorer with two painters beside, its site, and its page."""

import pytest
from bare_page import write_pages

from colorize_lib import explore


@pytest.fixture(scope="module")
def explorer(bins):
    return explore(colorizer=bins, beside=["regression", "rebalanced"])


@pytest.fixture(scope="module")
def site(explorer, serve, tmp_path_factory) -> str:
    """Address of a folder with a page of the explorer, an empty page, and the modules."""
    return serve(write_pages(tmp_path_factory.mktemp("site"), index=explorer.static_html()))


@pytest.fixture
def page(open_page, site):
    page = open_page(site)
    page.wait_for_selector(".ce-pictures")
    return page
