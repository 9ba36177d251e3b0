"""One year's plan as data: its values live here, how they apply lives in the rules."""
