"""Many trials: eats `Trial`s and a machine, makes a `Plan`, then `Record`s and `Outcome`s."""
