"""The directory as clients of Microsoft Graph v1.0 speak to it."""
