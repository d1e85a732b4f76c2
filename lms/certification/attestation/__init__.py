"""Somebody's word for what no course can show: a document or a fact of a company.

tables      attestations, and the documents that go with them
document    what may be uploaded
attest      give one's word, take it back, and who may
"""
