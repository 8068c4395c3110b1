"""Playing the log of another incident desk through this desk's own actions.

``log`` reads the file, ``stage`` says who plays whom, ``player`` makes the moves in the order of their times with the
clock ticking between them, ``invariants`` asks afterwards whether everything fits, ``reckoning`` writes the table.
"""
