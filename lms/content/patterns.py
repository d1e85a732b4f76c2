"""Is a regular expression safe to run on what a learner typed?

Python's engine backtracks and cannot be interrupted, so an expression that takes exponential time stops the process
for everybody. Expressions with a repeat inside a repeat are refused by their shape; what remains is tried out.
"""

import re
import time
import warnings

MAX_ANSWER = 200
_SLOW_SECONDS = 0.05

_QUANTIFIER = re.compile(r"[*+]|\{\d*,\d*\}|\{\d{2,}\}")


def refusal(pattern: str) -> str:
    """Why this expression cannot be used, or an empty text when it can."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compiled = re.compile(pattern, re.IGNORECASE)
    except (re.error, FutureWarning, DeprecationWarning, RecursionError, OverflowError) as cause:
        return f"is not a regular expression: {cause}"
    if re.search(r"\\[1-9]|\(\?P=", pattern):
        return "refers back to a group, which can take for ever"
    if _repeats_a_repeat(pattern):
        return "repeats a group that itself repeats or has alternatives, which can take for ever"
    if _takes_long(compiled, pattern):
        return "takes too long on a long answer"
    return ""


def _repeats_a_repeat(pattern: str) -> bool:
    """Looks for a group with a quantifier or a | inside it, and a quantifier after it."""
    bare = re.sub(r"\\.", "x", pattern)
    bare = re.sub(r"\[\^?\]?[^\]]*\]", "x", bare)
    while (group := re.search(r"\((?:\?[:=!<P][^()]*?>?)?([^()]*)\)", bare)) is not None:
        inside = group[0]
        risky = bool(_QUANTIFIER.search(inside)) or "|" in inside or "\0" in inside
        if risky and _QUANTIFIER.match(bare, group.end()):
            return True
        bare = bare[: group.start()] + ("\0" if risky else "x") + bare[group.end() :]
    return False


def _takes_long(compiled: re.Pattern[str], pattern: str) -> bool:
    """Longer and longer answers of one character, until one is slow: an exponential shows before it hurts."""
    letters = dict.fromkeys([*[c for c in pattern if c.isalnum()][:12], "a", "0", " ", "-"])
    for letter in letters:
        for length in (8, 12, 16, 18, 20, 22, 24, 28, 32, 48, 64, 96, 128, MAX_ANSWER):
            if _seconds(compiled, letter * (length - 1) + "\x01") > _SLOW_SECONDS:
                return True
    return False


def _seconds(compiled: re.Pattern[str], answer: str) -> float:
    """CPU time of this thread: a busy machine must not make an expression look slow."""
    began = time.thread_time()
    compiled.fullmatch(answer)
    return time.thread_time() - began
