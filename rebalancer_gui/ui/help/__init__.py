"""The user guide inside the program: its pages, where F1 opens it, and what the question marks say."""
