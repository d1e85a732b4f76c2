"""WHERE someone is: enrolment, completion, answers, progress.

tables     enrolments, completed lessons, answers given
enrol      begin a course, on the release it has today; move to a newer one
study      complete a lesson, answer a question
progress   what all of it comes to (pure)
place      a learner in a course: the course as pinned for them, and how far they are
"""
