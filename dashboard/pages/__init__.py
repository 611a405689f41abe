"""Every page of the app, in the order of its navigation."""

from dashboard.page import Page
from dashboard.pages.compare import COMPARE
from dashboard.pages.explore import EXPLORE
from dashboard.pages.vae import VAE

PAGES: tuple[Page, ...] = (EXPLORE, COMPARE, VAE)

__all__ = ["COMPARE", "EXPLORE", "PAGES", "VAE"]
