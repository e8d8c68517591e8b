"""A network library from scratch, in NumPy alone: to learn by reading, and to check all else by.

Eats arrays and makes gradients, in the manner and with the names of the book "Deep Learning from
Scratch" (Saito 2016): x and `dx`, `dout`, `W`, `b`, float64 throughout, and nothing is ever written
into an argument.
"""

# Read it in this order:
#
#   functions     sigmoid, ReLU, softmax, and their slopes
#   losses        what training makes small, and its gradient
#   layers        what a layer is; Affine, activations, Softmax-with-loss
#   norms         batch, layer, instance and local response normalisation
#   noise         Dropout, DropConnect
#   patches       im2col, col2im, the size of an output
#   convolution   Convolution, Pooling
#   inits         the first weights
#   optimizers    from gradients to new weights
#   penalties     what is added to the loss
#   schedules     how the learning rate moves
#   stopping      when to end
#   network       layers one after the other
#   train         the loop
#   gradcheck     is the backward pass right? Ask the difference quotient
#   toys          a function of two numbers, to watch optimizers on
