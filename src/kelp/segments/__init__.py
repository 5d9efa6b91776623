"""What the engine has no function for, in vectorised Python: Arrow in, Arrow out.

Runs in a process of its own, which holds rows of one statement at a time and reaches nothing else.
"""
