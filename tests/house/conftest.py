"""Fixtures of the site's visitors serve here too."""

from tests.web.conftest import stranger, visitor

__all__ = ["stranger", "visitor"]
