"""Flows (the order of steps), deployments (schedules and triggers) and the command line."""
