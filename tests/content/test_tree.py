"""A tree is read from a folder or a commit, and nothing outside of it ever is."""

import socket

import pytest
from dulwich import porcelain
from dulwich.objects import Blob, Commit
from dulwich.objects import Tree as GitTree
from dulwich.repo import Repo

from lms.content import tree as tree_module
from lms.content.load import load
from lms.content.tree import Tree, root_of
from lms.errors import Invalid
from tests.content.conftest import FILES


@pytest.fixture
def folder(tmp_path):
    for path, text in FILES.items():
        file = tmp_path / "repository" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path / "repository"


@pytest.fixture
def repository(folder):
    with porcelain.init(str(folder)) as made:
        made.get_worktree().stage([path.encode() for path in FILES])
        first = made.get_worktree().commit(
            message=b"First", author=b"a <a@example.org>", committer=b"a <a@example.org>"
        )
    return folder, first.decode()


def test_a_folder_is_read_without_what_editors_and_programs_leave(folder):
    for litter in (
        ".git/config",
        "courses/.hidden/x.md",
        "labs/l04/__pycache__/a.pyc",
        "labs/l04/.ipynb_checkpoints/a.ipynb",
        "README.md",
        "secret/x",
    ):
        (folder / litter).parent.mkdir(parents=True, exist_ok=True)
        (folder / litter).write_text("x")
    tree = Tree.from_folder(folder)
    assert set(tree) == set(FILES)
    assert tree["courses/tracks.yaml"] == FILES["courses/tracks.yaml"].encode()
    assert load(tree, workshop=None).problems == ()


@pytest.mark.parametrize("only", ["courses", "labs"])
def test_one_of_the_two_folders_is_enough(only, folder):
    (folder / ("labs" if only == "courses" else "courses")).rename(folder / "away")
    assert {path.split("/")[0] for path in Tree.from_folder(folder)} == {only}


def test_a_link_is_refused_whether_to_a_file_or_a_folder(folder, tmp_path):
    (tmp_path / "secret.md").write_text("not for you")
    (folder / "courses/c01/03-secret.md").symlink_to(tmp_path / "secret.md")
    (folder / "labs/l05").symlink_to(tmp_path)
    tree = Tree.from_folder(folder)
    assert {(problem.code, problem.path) for problem in tree.problems} == {
        ("file-refused", "courses/c01/03-secret.md"),
        ("file-refused", "labs/l05"),
    }
    assert not [data for data in tree.values() if b"not for you" in data]
    assert load(tree, workshop=None).catalogue is None


def test_what_is_no_file_is_refused(folder, monkeypatch):
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(folder / "labs")  # the name of a socket must be short
        listening.bind("door")
        assert [problem.path for problem in Tree.from_folder(folder).problems] == ["labs/door"]


def test_limits_on_a_file_on_all_files_and_on_their_number(folder, monkeypatch):
    (folder / "labs/l04/data.csv").write_bytes(b"x" * 5000)
    monkeypatch.setattr(tree_module, "MAX_FILE", 4999)
    tree = Tree.from_folder(folder)
    assert [(problem.code, problem.path) for problem in tree.problems] == [
        ("file-too-large", "labs/l04/data.csv")
    ]
    assert "labs/l04/data.csv" not in tree
    monkeypatch.setattr(tree_module, "MAX_TOTAL", 3000)
    with pytest.raises(Invalid, match="together"):
        Tree.from_folder(folder)
    monkeypatch.setattr(tree_module, "MAX_FILES", 3)
    with pytest.raises(Invalid, match="more than 3 files"):
        Tree.from_folder(folder)


def test_a_folder_without_courses_and_labs_is_refused_with_what_to_do(tmp_path):
    for read in (Tree.from_folder, root_of):
        with pytest.raises(Invalid, match="Give the folder"):
            read(tmp_path)


def test_a_path_within_the_tree_finds_its_root(folder):
    assert root_of(folder) == root_of(folder / "courses/c01") == folder


def test_without_a_path_it_is_the_current_folder_or_what_was_shipped(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(folder)
    assert root_of(None) == folder
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tree_module, "SHIPPED", folder)
    assert root_of(None) == folder


def test_a_commit_is_read_by_branch_tag_and_id_and_says_which_it_was(repository):
    folder, first = repository
    (folder / "courses/tracks.yaml").write_text("changed")
    with Repo(str(folder)) as repo:
        repo.get_worktree().stage([b"courses/tracks.yaml"])
        second = (
            repo.get_worktree()
            .commit(message=b"Second", author=b"a <a@example.org>", committer=b"a <a@example.org>")
            .decode()
        )
        branch = repo.refs.follow(b"HEAD")[0][-1].removeprefix(b"refs/heads/").decode()
        repo.refs[b"refs/tags/v1"] = first.encode()
        repo.refs[b"refs/heads/draft/one"] = first.encode()
    for ref, commit in (
        ("HEAD", second),
        (branch, second),
        ("v1", first),
        ("draft/one", first),
        (first, first),
        (first[:10], first),
    ):
        tree = Tree.from_git(str(folder), ref)
        assert tree.commit == commit
        assert tree["courses/tracks.yaml"] == (
            b"changed" if commit == second else FILES["courses/tracks.yaml"].encode()
        )
    assert set(Tree.from_git(f"file://{folder}", first)) == set(FILES)


def test_what_cannot_be_read_from_git_says_so(repository, tmp_path):
    folder, _ = repository
    for url, ref in (
        (str(folder), "nothing"),
        (str(tmp_path / "none"), "HEAD"),
        ("ext::sh -c id", "HEAD"),
        ("-oProxyCommand=id", "HEAD"),
        ("ftp://x.example/y", "HEAD"),
    ):
        with pytest.raises(Invalid):
            Tree.from_git(url, ref)


def test_hostile_names_links_and_submodules_of_a_commit_are_refused(repository):
    folder, _ = repository
    with Repo(str(folder)) as repo:
        blob, inner, top = Blob.from_string(b"secret"), GitTree(), GitTree()
        inner.add(b"link.md", 0o120000, blob.id)
        inner.add(b"module", 0o160000, blob.id)
        inner.add(b"..", 0o100644, blob.id)
        inner.add(b"a\\b", 0o100644, blob.id)
        inner.add(b"\xff.md", 0o100644, blob.id)
        inner.add(b"fine.txt", 0o100755, blob.id)
        top.add(b"courses", 0o040000, inner.id)
        top.add(b"outside.md", 0o100644, blob.id)
        commit = Commit()
        commit.tree, commit.message = top.id, b"x"
        commit.author = commit.committer = b"a <a@example.org>"
        commit.author_time = commit.commit_time = commit.author_timezone = commit.commit_timezone = 0
        for made in (blob, inner, top, commit):
            repo.object_store.add_object(made)
        repo.refs[b"refs/heads/hostile"] = commit.id
    tree = Tree.from_git(str(folder), "hostile")
    assert set(tree) == {"courses/fine.txt"}
    assert {problem.code for problem in tree.problems} == {"file-refused"}
    assert len(tree.problems) >= 3
