"""planner: turns a published plan into tasks, proof, reviews, reminders and a score."""
