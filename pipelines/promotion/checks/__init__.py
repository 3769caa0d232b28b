"""The demands of a gate, each a pure function of the evidence; what was not shown does not hold."""
