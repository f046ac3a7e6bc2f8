"""Kinds of made pages, a module for each family. Every function lays out one page in the order in which it is read."""
