"""The process on duty: fires every timer that is not the rules' own, and watches that none is missing."""
