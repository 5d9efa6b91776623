"""The tests of Kelp."""
