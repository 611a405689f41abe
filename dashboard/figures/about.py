"""What every mark of every chart is, in one sentence each: what a reader is shown who asks."""

from __future__ import annotations

Marks = list[list[str]]

DOTS: Marks = [
    ["● filled dots, joined", "one trained model for every stop of β, on test inputs"],
    ["○ hollow dots", "the same models on the inputs that they were trained on"],
    ["large red dot", "the model at the chosen β; an arrow and a value where it lies beyond the picture"],
    ["thin red line", "the way of that model during training, from where it says “start” or comes into the picture"],
    ["red dashes", "points of the same loss as the chosen model: their slope is β"],
]
PLANE: Marks = [
    *DOTS,
    [
        "thick line",
        "the frontier: the most about Y that any code can know for its bits about X, from the known "
        "density; “at least” where only a lower bound of it could be computed",
    ],
    ["grey dots on it", "its places at the stops of the slider"],
    ["grey arrows", "from the two bounds to the estimated informations: the truth lies up and to the left"],
    [
        "grey areas",
        "what no code can do in the population; dots of a small sample may stand in them by its error, "
        "those of training inputs also by memorising",
    ],
    ["just enough", "all that x tells of Y, and not one bit more about X; noisy labels keep it out of reach"],
    [
        "nothing kept",
        "the code ignores x; between the two β named there, keeping nothing is not the best but training "
        "may stay there",
    ],
    ["bits that name every input", "log N: with so many bits about X a code can tell all N inputs apart"],
]
POSTERIORS: Marks = [
    ["dots", "posterior means of the shown inputs: filled test, hollow training inputs; colours are classes"],
    ["coloured rings", "1σ and 2σ (39 % and 86 %) of one median posterior a class"],
    ["dashed rings", "1σ and 2σ of the prior: a posterior that lies on them costs nothing"],
    ["dark rings", "1σ and 2σ of the input that is pointed at"],
]
BELLS: Marks = [
    ["dots", "posterior means of the shown inputs; their heights mean nothing"],
    ["coloured bells", "one median posterior a class, to equal height; the bar holds 68 %"],
    ["dashed bell", "the prior: a posterior that lies on it costs nothing"],
    ["dark bell", "the posterior of the input that is pointed at"],
]
FIELD: Marks = [["tinted areas", "the class that q(y|z) puts first; paler where the second is near"]]
IMAGES: Marks = [["small images", "some test inputs, each at its posterior mean"]]
INPUT: Marks = [
    ["dots", "the shown inputs: filled test, hollow training inputs; colours are their labels, flips included"],
    ["tinted areas", "the class that the whole model puts first, over 8 draws of z; paler where the second is near"],
    ["lines with numbers", "what an input at that place costs: the KL of its posterior from the prior"],
]
ODDS: Marks = [
    [
        "cells",
        "for the shown test inputs of a class (row): the mean odds, in percent, of being told each "
        "class (column); the diagonal is right",
    ]
]
TOLD: Marks = [
    ["dots", "shown test inputs: the true value along, the told one up"],
    ["dashes", "where both are equal"],
]
ERROR: Marks = [
    ["bold lines", "error of the class odds averaged over 12 draws of z; in training known of the chosen model alone"],
    ["thin lines", "error with one draw of z for each input"],
    ["dotted, solid", "training inputs, test inputs"],
    ["red dot", "the chosen β on test inputs"],
]
ACCOUNT: Marks = [
    ["dark part, rate", "I(X;Z), at least: what z surely keeps of x"],
    ["light part, rate", "slack of the prior, at least: what the rate counts too much"],
    ["dark part, I(Z;Y)", "H(Y) − CE: what this decoder draws from z"],
    ["light part, I(Z;Y)", "slack of the decoder, at least: what the best decoder would draw besides"],
    ["grey part", "between the bounds of the information: value or slack, these inputs cannot tell"],
    ["test, train", "of the population; of the training inputs as a world of their own, their own labels included"],
]
TIME: Marks = [
    ["blue", "bits about X, at most: the rate of the chosen model"],
    [
        "brown",
        "bits about Y, at least: H(Y) − CE of the chosen model; of a table's real values, those gained over a Gaussian "
        "guess",
    ],
    ["dotted, solid", "training inputs, test inputs"],
]
DIMENSIONS: Marks = [
    [
        "bars",
        "what each latent dimension costs by itself, on test inputs; near 0 where it has fallen "
        "back to the prior. They add up to the rate where the posterior is diagonal",
    ]
]

DISTORTION: Marks = [
    *DOTS,
    ["purple diamond", "the model trained with β = 1, whose loss is the negative ELBO"],
    ["thick line", "the best model with a linear decoder of this variance, exactly"],
    ["grey area", "below the entropy of the data: no model gets there on new inputs, but by the error of a sample"],
    ["the best that keeps nothing", "distortion of a decoder that always answers with the mean"],
    ["perfect reconstruction", "distortion that is left when every input comes back as it was"],
]
COLOURS: Marks = [["colours", "labels that this model was never shown"]]
PAIRS: Marks = [["images in pairs", "a test input above, what its z is decoded to below; a column for each class"]]
GRID: Marks = [["images", "what the decoder makes of the z at that place"]]
CLOUD: Marks = [
    ["grey rings", "test inputs"],
    ["blue dots", "what their z are decoded to"],
    ["yellow dots", "drawn from the model itself: z from the prior, x from the decoder"],
]
NET: Marks = [
    ["grey dots", "test inputs"],
    ["blue, orange lines", "what the decoder makes of lines along which one latent dimension stands still"],
]
PROFILES: Marks = [
    ["thin lines", "a test input of each class, over the features"],
    ["dotted lines", "what its z is decoded to"],
]
ELBO: Marks = [
    ["dotted, solid", "D + R on training inputs, on test inputs"],
    ["red dot", "the chosen β on test inputs; an arrow and a value where it lies beyond the picture"],
    ["purple line", "β = 1, which trains for this sum"],
]
VAE_TIME: Marks = [
    ["blue", "rate of the chosen model, left axis"],
    ["brown", "distortion of the chosen model, right axis"],
    ["dotted, solid", "training inputs, test inputs"],
]
BITS: Marks = [
    ["yellow part", "bits about the class, I(Z;Y)"],
    ["grey part", "bits about the rest, I(X;Z) − I(Z;Y)"],
    ["dotted lines", "H(Y), all there is of the class, and log N of the test inputs, which tell them all apart"],
]


def latent(alone: bool, decides: bool, images: bool) -> Marks:
    """Marks of a latent plane."""
    field = FIELD if decides else COLOURS
    return [*(BELLS if alone else POSTERIORS), *field, *(IMAGES if images else [])]
