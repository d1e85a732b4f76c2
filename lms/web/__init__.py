"""The pages; the only room that knows Flask. A view loads, asks a verb, answers: it commits once, at the end of `with transaction()`.

request     sessions, the viewer, the clock of one request        security    closed by default, tokens, headers
filters     dates, numbers and assets as people read them         refusals    errors become pages
front       welcome, home, the catalogue                          account     sign in, join, profile
courses     a course                                              lessons     the lesson player and its questions
drawing     a lesson as one sort of reader sees it, drawn once
labs        a lab, its files, handing in                          submissions what became of it
mentor      the desk of those who mark                            companies   a company's readiness
attestations documents of a company, and who vouches for them       prospects   a company looks ahead and back
outlook     where a company's levels stand, as its page draws it     desk        readiness, for staff
handover    who is told what happens, and who may ask              api         what a desk's program asks
staff       the centre's desk                                     queue       the grading queue, for staff
regrades    grades looked at again, for staff                     certificates  what is certified, and its public proof
proofs      keys, status lists and badges, for machines           paper       what a certificate says when it is printed
verify      anybody's badge, checked for anybody
notebooks   a learner's notebook as harmless HTML, with plain_markdown
claims      evidence from a real machine                          judging     a mentor before such a claim
raw_text    what somebody else wrote, as lines that can be shown
nodes       what compute nodes fetch and bring                    health      is it up, is it ready
runtime    Python for the browser, and its frame
workbench  a lab worked on in the browser               workbench_config  what that page is told, with workbench_words
workparts  a submission run by who looks at it, and what notebooks need
attachment  a file that somebody takes along            compression  files of the interface as they travel
"""
