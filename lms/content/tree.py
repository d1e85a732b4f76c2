"""A tree of files, read from a folder or from a commit of a git repository. Whoever wrote it is not trusted: nothing outside of
it is read, nothing in it is run, and what it may cost in memory is bounded before it is read.
"""

import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lms.content.problem import Problem, error
from lms.errors import Invalid

if TYPE_CHECKING:
    from dulwich.objects import Commit, ObjectID
    from dulwich.repo import Repo

ROOTS = ("courses", "labs")
SHIPPED = Path(__file__).parent.parent / "_content"

MAX_FILE = 8 * 1024 * 1024
MAX_TOTAL = 256 * 1024 * 1024
MAX_FILES = 20_000

_IGNORED = frozenset({"__pycache__", "node_modules"})
_SCHEMES = frozenset({"https", "http", "ssh", "git", "file"})


@dataclass(frozen=True)
class Tree(Mapping[str, bytes]):
    """Files by their POSIX path relative to the root, all of them under `courses/` or `labs/`.

    `commit` is the git commit they were read from, or None. `problems` tells what was left out: symbolic links, submodules and
    files above the limit. They are found here, where a file is more than its bytes.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    commit: str | None = None
    problems: tuple[Problem, ...] = ()

    def __getitem__(self, path: str) -> bytes:
        return self.files[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)

    @classmethod
    def from_folder(cls, root: Path) -> "Tree":
        """Reads `courses/` and `labs/` of a folder. Raises `Invalid` when there is neither, or when it is too much."""
        if not any((root / name).is_dir() for name in ROOTS):
            raise Invalid(
                f"There is neither courses/ nor labs/ in {root}. Give the folder that holds them: lms check PATH"
            )
        return _collect(_walk(root))

    @classmethod
    def from_git(cls, url: str, ref: str = "HEAD") -> "Tree":
        """Reads one commit. `url` is a URL or the path of a repository, `ref` a branch, a tag or a commit.

        The repository is cloned bare into a temporary folder and its objects are read directly: no checkout, no hooks, no git
        program. Raises `Invalid` when there is no such repository or ref, or when the commit holds neither folder.
        """
        # dulwich takes 0.4 s to import, and only publishing from git needs it.
        from dulwich import porcelain  # noqa: PLC0415
        from dulwich.errors import GitProtocolError, HangupException, NotGitRepository  # noqa: PLC0415

        _refuse_odd_url(url)
        with tempfile.TemporaryDirectory(prefix="slipway-git-") as folder:
            try:
                repository = porcelain.clone(
                    url, folder, bare=True, checkout=False, errstream=porcelain.NoneStream()
                )
            except (GitProtocolError, HangupException, NotGitRepository, OSError, ValueError) as cause:
                raise Invalid(
                    f"The repository {url} cannot be read ({cause or type(cause).__name__}). "
                    "Check the address, and that this machine may read it."
                ) from cause
            with repository:
                commit = _commit_of(repository, ref, url)
                tree = _collect(_objects(repository, commit.tree))
        if not tree.files and not tree.problems:
            raise Invalid(
                f"There is neither courses/ nor labs/ in {ref} of {url}. Is it the right repository?"
            )
        return cls(tree.files, commit.id.decode("ascii"), tree.problems)


def root_of(path: Path | None) -> Path:
    """The root that a person means: `path` or a folder above it that holds courses/ or labs/; without a path the current
    folder, or else the content this program was shipped with. Raises `Invalid` when there is none.
    """
    start = (path or Path.cwd()).resolve()
    if not start.exists():
        raise Invalid(f"There is no folder {path}.")
    for folder in (start, *start.parents):
        if any((folder / name).is_dir() for name in ROOTS):
            return folder
    if path is None and SHIPPED.is_dir():
        return SHIPPED
    raise Invalid(f"There is neither courses/ nor labs/ in {start}. Give the folder that holds them.")


@dataclass(frozen=True)
class _Entry:
    """A file before it is read. `refusal` says why it must not be."""

    path: str
    size: int
    read: Callable[[], bytes]
    refusal: str = ""


def _collect(entries: Iterable[_Entry]) -> Tree:
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    total = 0
    for seen, entry in enumerate(entries, start=1):
        if seen > MAX_FILES:
            raise Invalid(f"There are more than {MAX_FILES:,} files. Keep data sets out of the courses.")
        if entry.refusal:
            problems.append(error(entry.path, 1, "file-refused", entry.refusal))
            continue
        if entry.size > MAX_FILE:
            problems.append(
                error(
                    entry.path,
                    1,
                    "file-too-large",
                    f"This file has {entry.size / 1e6:.1f} MB; at most {MAX_FILE // 1024 // 1024} MB are taken.",
                    "Make it smaller, or link to where it is kept.",
                )
            )
            continue
        total += entry.size
        if total > MAX_TOTAL:
            raise Invalid(f"The files have more than {MAX_TOTAL // 1024 // 1024} MB together. Keep data out.")
        try:
            files[entry.path] = entry.read()
        except OSError as cause:  # gone or forbidden since we looked
            problems.append(
                error(entry.path, 1, "file-refused", f"This file cannot be read: {cause.strerror}.")
            )
    return Tree(MappingProxyType(dict(sorted(files.items()))), None, tuple(problems))


def _ignored(name: str) -> bool:
    return name.startswith(".") or name in _IGNORED or name.endswith((".pyc", "~"))


_LINK = "This is a symbolic link. Put the file itself here: links could lead out of the tree."


def _walk(root: Path) -> Iterator[_Entry]:
    """Every file under the roots, without following a link."""
    waiting = [root / name for name in reversed(ROOTS)]
    while waiting:
        here = waiting.pop()
        path = here.relative_to(root).as_posix()
        try:
            status = here.lstat()
        except FileNotFoundError:
            continue  # one of the roots may be missing, and editors remove files while we look
        if stat.S_ISLNK(status.st_mode):
            yield _Entry(path, 0, bytes, _LINK)
        elif stat.S_ISDIR(status.st_mode):
            try:
                waiting += sorted((x for x in here.iterdir() if not _ignored(x.name)), reverse=True)
            except OSError as cause:
                yield _Entry(path, 0, bytes, f"This folder cannot be read: {cause.strerror}.")
        elif stat.S_ISREG(status.st_mode):
            yield _Entry(path, status.st_size, here.read_bytes)
        else:
            yield _Entry(path, 0, bytes, "This is neither a file nor a folder.")


def _objects(repository: "Repo", root: "ObjectID") -> Iterator[_Entry]:
    """Every blob under the roots of a git tree. Names come from whoever made the commit, so each is looked at."""
    from dulwich.objects import Blob  # noqa: PLC0415
    from dulwich.objects import Tree as GitTree  # noqa: PLC0415

    store = repository.object_store
    waiting: list[tuple[str, ObjectID]] = [("", root)]
    visited = 0
    while waiting:
        prefix, tree_id = waiting.pop()
        visited += 1
        if visited > MAX_FILES:  # a tree that holds itself often enough has no files and no end
            raise Invalid(f"There are more than {MAX_FILES:,} folders in this commit.")
        tree = store[tree_id]
        assert isinstance(tree, GitTree)
        for raw, mode, sha in tree.iteritems(name_order=True):
            name = raw.decode("utf-8", "replace")
            path = f"{prefix}{name}"
            if _ignored(name) or (not prefix and name not in ROOTS):
                continue
            if "/" in name or "\\" in name or "\ufffd" in name or name in {"", ".."}:
                yield _Entry(path, 0, bytes, "This file name is not allowed.")
            elif stat.S_ISLNK(mode):
                yield _Entry(path, 0, bytes, _LINK)
            elif stat.S_ISDIR(mode):
                waiting.append((f"{path}/", sha))
            elif stat.S_ISREG(mode):
                blob = store[sha]
                assert isinstance(blob, Blob)
                yield _Entry(path, blob.raw_length(), blob.as_raw_string)
            else:
                yield _Entry(path, 0, bytes, "This is a submodule. Put the files themselves here.")


def _commit_of(repository: "Repo", ref: str, url: str) -> "Commit":
    from dulwich.objectspec import parse_commit  # noqa: PLC0415

    # A clone keeps the branches of its origin under refs/remotes/origin.
    for name in (f"refs/remotes/origin/{ref}", ref):
        try:
            return parse_commit(repository, name)
        except (KeyError, ValueError):
            continue
    raise Invalid(f"There is no branch, tag or commit {ref!r} in {url}.")


def _refuse_odd_url(url: str) -> None:
    scheme = urlsplit(url).scheme
    if url.startswith("-") or "::" in url or (scheme and "://" in url and scheme not in _SCHEMES):
        raise Invalid(f"{url} is not the address of a git repository: use https, ssh or a path.")
