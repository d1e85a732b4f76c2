"""WHAT is taught: immutable values read from a tree of files, and the releases made of them.

model     the Catalogue and what is in it
quiz      is this answer right? (pure)                                  patterns   is this expression safe to run?

reading, in the order of the work; nothing here is loaded by a process that only serves pages
tree      a folder or a git commit, read as bounded, untrusted input    marked     YAML that remembers its lines
schema    what authors may write in YAML                                validate   a sentence for everything they may not
syntax    Python as a tree, one thread at a time
scan      one look over a text's lines, with boxes and raw_html         markdown   a text into HTML, with maths and listing
sanitise  the last word over every HTML                                 questions  a question block into a Question
page      one file by itself, all of the above                          rendering  many of them, by processes and from a cache
links     where links lead, with images                                 course     a folder into a Course
notebook  the cells of a lab, by nbgrader's dialect and its regions      lab        a folder into a Lab, with lab_rules
rules     what must hold between files                                  gathering  problems and bytes, collected on the way
readiness the policy of readiness, checked against what is taught       policy_schema  what may be written in it
machine   a machine as data: values                                     machines   its file into a Machine
rung      what a lab wants of Slurm, and everything that keeps it from getting it
load      a tree into a Catalogue, or into every problem                problem    one of them, with file and line

check     every problem, as a person, a JSON reader or GitHub wants to read it
preview   a draft served to its author, with live reload, without a database
renderer  which renderer made a page: its digest names releases
publish   trees become immutable releases in the database; one of them is live
tables    releases and their bytes                                      shelf      the live release, kept in memory
"""
