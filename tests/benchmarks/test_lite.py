"""What the JupyterLite site of the benchmark is told of its wheels."""

import hashlib

from tests.benchmarks.lite import lock_of


def test_a_wheel_is_locked_by_the_name_that_packages_ask_for(tmp_path):
    wheel = tmp_path / "Pure_Eval-0.2.4-py2.py3-none-any.whl"
    wheel.write_bytes(b"wheel")
    locked = lock_of([wheel])
    assert list(locked) == ["pure-eval"]
    assert locked["pure-eval"]["version"] == "0.2.4"
    assert locked["pure-eval"]["file_name"] == wheel.name
    assert locked["pure-eval"]["sha256"] == hashlib.sha256(b"wheel").hexdigest()
