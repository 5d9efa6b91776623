"""The portal's first page: sign in, choose a workspace, write KQL, see a grid and a chart. Plain, no build step."""
