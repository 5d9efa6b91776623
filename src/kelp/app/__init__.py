"""The composition root: builds every object once and wires them. The only place that knows concrete classes."""
