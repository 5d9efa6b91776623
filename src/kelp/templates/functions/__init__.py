"""The functions of templates, by what they are about; `catalog` has all of them by name."""
