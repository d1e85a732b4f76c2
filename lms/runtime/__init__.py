"""The Python that runs in a learner's browser: built once on a host from pinned parts, then only served. Knows no database and no Flask.

recipe    what goes into it, all pinned by hash           fetch     the parts, from the registries the host's tools know
packages  IPython and its friends as one archive           science   numpy and others, from a distribution the operator provides
build     from parts to a folder that is served            built     such a folder, found, read and verified
standing  how far a build is, for whoever waits            pruning   what other versions left here, found and removed
compile   compile.mjs, compiling.py, preloading.py: what Node and Pyodide do
slipway_kernel  what runs in the browser: IPython, between the page and the notebook's code
"""
