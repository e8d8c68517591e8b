"""What is learnt from: eats a data set's name, makes a `Task`, and divides it for each seed."""
