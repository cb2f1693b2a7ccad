"""Workbooks whose cells compute: terms, fixings, legs, totals."""
