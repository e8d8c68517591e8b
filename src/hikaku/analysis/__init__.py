"""What it means: the judged figures, their paired differences, verdicts, summaries and curves."""
