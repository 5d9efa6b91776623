"""The language: text to tokens to syntax to a bound query. Pure, standard library only, runs nothing."""
