"""HTTP: authentication, Azure's wire shapes, and nothing else. Meaning lies in the layers below."""
