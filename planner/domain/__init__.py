"""Pure rules over facts. Imports nothing but the standard library."""
