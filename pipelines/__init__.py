"""The work itself in plain Python: what each step does, testable without an orchestrator."""
