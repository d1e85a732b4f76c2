"""Every sentence of the notebook page's scripts, for translators: the scripts ask for them in English. A test compares this list with the
sources in lms/web/notebook/src.
"""

from lms.words import gettext as _


def words() -> dict[str, str]:
    """English to the reader's language; nothing where that is English."""
    return {sentence: said for sentence in SENTENCES if (said := _(sentence)) != sentence}


SENTENCES: tuple[str, ...] = ()
