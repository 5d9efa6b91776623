"""What tables there are: the standard ones, a workspace's own, and those the engine holds, as one answer."""
