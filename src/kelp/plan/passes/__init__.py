"""Rewrites of the plan, in order."""

from kelp.plan.passes.pipeline import PlanContext, run_passes

__all__ = ["PlanContext", "run_passes"]
