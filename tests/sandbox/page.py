"""Writes the tables of docs/SECURITY.md from those that the tests run: `python -m tests.sandbox.page`."""

from pathlib import Path

from tests.sandbox import attacks, bombs, forgeries, leaks

PAGE = Path(__file__).parents[2] / "docs" / "SECURITY.md"
BEGIN, END = "<!-- the attacks, from the tests -->\n\n", "<!-- the attacks end here -->"


def table(title, rows, guards="what stops it"):
    lines = [f"## {title}", "", f"| attack | {guards} |", "|---|---|"]
    lines += [f"| {row.what} | {'; '.join(row.guards)} |" for row in rows]
    return "\n".join(lines) + "\n\n"


def page(text):
    """The same page with its tables as the tests have them now."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    tables = (
        table("On the points", forgeries.FORGERIES),
        table("On the hidden tests", leaks.LEAKS),
        table("On the machine", (*attacks.REACH, *bombs.BOMBS, bombs.EMPTY_FILES)),
        table("On the kernel", attacks.DOORS),
        table("On whoever fetches the files a lab asks for", attacks.OUTPUTS),
        table("On other notebooks", attacks.OTHER_JOBS),
    )
    return f"{before}{BEGIN}{''.join(tables)}{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
