"""Kelp: self-hosted log analytics that speaks KQL and Azure Monitor's wire protocols."""
