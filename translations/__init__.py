"""The catalogues of every language: found in the code, renewed, checked and compiled. docs/translations.md

For whoever changes the program; a running site reads the compiled catalogues alone.
"""
