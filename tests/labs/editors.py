"""What other programs make of a notebook they open and save, as their files show it: ids moved or dropped, metadata of their own,
other formats.

Each is a function of a hand-out (nbformat 4.5, as JSON) that gives the file as bytes.
"""

import copy
import json
import uuid


def jupyterlab(notebook):
    """Keeps everything; times of execution are recorded on request."""
    made = _copy(notebook)
    for cell in made["cells"]:
        if cell["cell_type"] == "code":
            cell["metadata"]["execution"] = {
                "iopub.execute_input": "2026-11-02T10:00:00.000000Z",
                "shell.execute_reply": "2026-11-02T10:00:00.100000Z",
            }
            cell |= {"execution_count": 7, "outputs": [_text("done\n")]}
            cell["metadata"]["jupyter"] = {"outputs_hidden": False, "source_hidden": False}
    made["metadata"]["widgets"] = {
        "application/vnd.jupyter.widget-state+json": {"state": {}, "version_major": 2}
    }
    return json.dumps(made, indent=1, ensure_ascii=False).encode() + b"\n"


def classic(notebook):
    """The classic Notebook before 6.4 knew no ids; NaN in an output passes."""
    made = _without_ids(notebook, minor=2)
    for cell in made["cells"]:
        cell["metadata"] |= {"collapsed": False, "scrolled": True}
        if cell["cell_type"] == "code":
            cell["outputs"] = [
                {
                    "output_type": "execute_result",
                    "execution_count": 1,
                    "metadata": {},
                    "data": {"application/json": float("nan"), "text/plain": ["nan"]},
                }
            ]
    made["metadata"] |= {"celltoolbar": "Create Assignment", "toc": {"base_numbering": 1}}
    return json.dumps(made, indent=1).encode()


def vscode(notebook):
    """Keeps ids and metadata, and ignores that cells are not to be deleted; on Windows it ends lines its own way."""
    made = _copy(notebook)
    for cell in made["cells"]:
        cell["metadata"]["vscode"] = {"languageId": "python"}
        cell["source"] = [line.replace("\n", "\r\n") for line in cell["source"]]
    made["metadata"] |= {"orig_nbformat": 4, "vscode": {"interpreter": {"hash": "b1677b44" * 8}}}
    return b"\xef\xbb\xbf" + json.dumps(made, indent=4).replace("\n", "\r\n").encode()


def colab(notebook):
    """Nbformat 4.0: its own id of a cell stands in the metadata, and new outputs get one too."""
    made = _without_ids(notebook, minor=0)
    for number, cell in enumerate(made["cells"]):
        cell["metadata"] |= {"id": f"{number:04}xWVU2_tS", "colab": {"base_uri": "https://localhost:8080/"}}
        if cell["cell_type"] == "code":
            cell["metadata"] |= {
                "outputId": str(uuid.UUID(int=number)),
                "executionInfo": {"elapsed": 4, "user_tz": -60},
            }
    made["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
    }
    return json.dumps(dict(reversed(made.items())), indent=2).encode()


def deepnote(notebook):
    """Its own ids in the metadata, sources as one text, and a cell of its own at the end."""
    made = _without_ids(notebook, minor=2)
    for number, cell in enumerate(made["cells"]):
        cell["metadata"] |= {
            "cell_id": uuid.UUID(int=number).hex,
            "deepnote_cell_type": cell["cell_type"],
            "source_hash": "8ad57f32",
            "tags": [],
            "deepnote_to_be_reexecuted": False,
            "execution_start": 1620375813931,
            "execution_millis": 3,
        }
        cell["source"] = "".join(cell["source"])
    created = (
        "<a style='text-decoration:none;' href='https://deepnote.com'>Created in <span>Deepnote</span></a>"
    )
    made["cells"].append(
        {
            "cell_type": "markdown",
            "source": created,
            "metadata": {"created_in_deepnote_cell": True, "deepnote_cell_type": "markdown"},
        }
    )
    made["metadata"] = {"deepnote": {}, "deepnote_notebook_id": "1", "deepnote_execution_queue": []}
    return json.dumps(made).encode()


def nteract(notebook):
    made = _without_ids(notebook, minor=1)
    for cell in made["cells"]:
        cell["metadata"] |= {
            "nteract": {"transient": {"deleting": False}},
            "jupyter": {"source_hidden": False},
        }
    made["metadata"] |= {
        "nteract": {"version": "nteract-on-jupyter@2.1.3"},
        "kernel_info": {"name": "python3"},
    }
    return json.dumps(made, indent=2).encode()


def dataspell(notebook):
    """DataSpell and PyCharm: `#%%` of their own, the metadata last, and a version of Python that never was."""
    made = _without_ids(notebook, minor=0)
    for cell in made["cells"]:
        sign = "#%%\n" if cell["cell_type"] == "code" else "#%% md\n"
        cell["metadata"] = cell.pop("metadata") | {
            "collapsed": False,
            "pycharm": {"name": sign, "is_executing": False},
            "ExecuteTime": {"end_time": "2026-11-02T10:00:00Z"},
        }
    made["metadata"] = {
        "kernelspec": {"name": "python3.8", "language": "python"},
        "language_info": {"name": "python", "version": "2.7.6"},
        "pycharm": {"stem_cell": {"cell_type": "raw", "metadata": {"collapsed": False}, "source": []}},
    }
    return json.dumps(made, indent=1).encode()


def script_and_back(notebook):
    """As a plain script and back, by a tool such as jupytext: texts and types are all that is left."""
    cells = [
        {"cell_type": cell["cell_type"], "metadata": {}, "source": "".join(cell["source"])}
        for cell in notebook["cells"]
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()


def ipython_2(notebook):
    """Nbformat 3, as IPython 1 and 2 wrote it: worksheets, and `input` for the source of code."""
    cells = []
    for cell in _copy(notebook)["cells"]:
        kept = {"cell_type": cell["cell_type"], "metadata": cell["metadata"]}
        if cell["cell_type"] == "code":
            kept |= {
                "input": cell["source"],
                "language": "python",
                "prompt_number": 1,
                "outputs": [],
                "collapsed": False,
            }
        else:
            kept["source"] = cell["source"]
        cells.append(kept)
    return json.dumps(
        {
            "metadata": {"name": ""},
            "nbformat": 3,
            "nbformat_minor": 0,
            "worksheets": [{"cells": cells, "metadata": {}}],
        }
    ).encode()


def notepad(notebook):
    """A text editor of Windows: UTF-16 with its mark, and lone carriage returns in a text."""
    made = _copy(notebook)
    for cell in made["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r")
    return json.dumps(made, ensure_ascii=False).encode("utf-16")


EDITORS = (
    jupyterlab,
    classic,
    vscode,
    colab,
    deepnote,
    nteract,
    dataspell,
    script_and_back,
    ipython_2,
    notepad,
)


def _copy(notebook):
    return copy.deepcopy(notebook)


def _without_ids(notebook, *, minor):
    made = _copy(notebook) | {"nbformat_minor": minor}
    for cell in made["cells"]:
        cell.pop("id", None)
    return made


def _text(text):
    return {"output_type": "stream", "name": "stdout", "text": [text]}
