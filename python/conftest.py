"""The examples in the documentation of `tilewright.train` need what training needs."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("torch") and find_spec("tqdm") else ["tilewright/train"]
