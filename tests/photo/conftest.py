"""What tests of the page "Colour your own photo" share: its site, its network, and the page once it is ready."""

import pytest
from photo_site import built_site, photo_panel

from colorize_lib import Colorizer


@pytest.fixture(scope="module")
def site(chromium, serve, tmp_path_factory) -> str:
    return built_site(serve, tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def shown() -> Colorizer:
    """The network that the page runs."""
    return Colorizer.load(photo_panel.MODEL, "cpu")


@pytest.fixture
def page(open_page, site):
    page = open_page(site, viewport={"width": 1000, "height": 900}, accept_downloads=True)
    page.wait_for_selector("colour-photo[ready]")
    return page
