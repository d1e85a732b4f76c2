"""WHAT is taught: immutable values read from a tree of files, and the releases made of them.

tree      a folder or a git commit, read as bounded, untrusted input
schema    what authors may write in YAML, and the sentence for everything they may not
markdown  a lesson's text into safe HTML: code, tables, maths, tabs, question blocks
quiz      is this answer right? (pure)
load      a tree into a Catalogue, or into a list of problems with file and line
check     every problem of a tree, as a person, a JSON reader or GitHub wants to read it
model     the Catalogue and what is in it
publish   trees become immutable releases in the database; one of them is live
preview   a tree served to its author, with live reload, without a database
"""
