"""What nbgrader gave, and what we give: assignments in its style, answers to them, and its marks for those, recorded once by `mark`."""
