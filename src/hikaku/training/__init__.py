"""One trial: eats an arm's work, a task and a seed, makes `Record`s. Pure; knows no store."""
