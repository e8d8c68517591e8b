"""The edits: layers inserted at sites and activations swapped, on a copy of the model. (Draft API.)

The technique files use only these three methods of `Surgery`:

    surgery.insert(site, where, layer, phase, label)
        where: "input" (before the op's first argument), "output" (after the op's result)
        phase: "normalisation" | "noise"; edits at one place act in the order normalisation, noise,
               then the order of the list
        label: the technique's name; new parameters are stored under it and the site's name
    surgery.swap(site, layer, label)       # an activation site's op is replaced by `layer`
    surgery.taken                          # number of edits so far
"""
