"""Words of Explore that stand still: its sentence, its convention, and every key number with its meaning."""

SENTENCE = "Squeeze x through a noisy code z. β is the price of remembering. Drag it."
MEANING = "one {one} about X must buy {beta} about Y"
CONVENTION = (
    "Trained: minimise CE + β·KL. β is the price of a bit about X, in bits about Y. "
    "Tishby's multiplier sits on the other term: it is 1/β."
)
SLIDER = "β, the price of a bit about X in bits about Y"
# what the card over the latent plane says of an input, and of a place
CARD = {
    "spent": "spent on this input",
    "labelled": "labelled",
    "odds": "q({})",
    "told": "q(y|z)",
    "decoded": "is decoded to",
    "input": "the input",
    "mean": "decoded from its mean",
}
NUMBERS = (
    (
        "number_rate",
        "{unit} about X, at most",
        "The rate E KL(p(z|x) ‖ r(z)), an upper bound of I(X;Z). The line "
        "below says of how many inputs it is the mean.",
    ),
    ("number_known", "{unit} about Y, at least{of}", "H(Y) − cross-entropy of q(y|z), a lower bound of I(Z;Y)."),
    (
        "number_error_mc",
        "error, 12 draws of z voting",
        "How often the class is wrong that is most probable on average "
        "over 12 draws of z. Of known densities the chance of it, not of one sample's labels.",
    ),
    ("number_error_1", "error, one draw of z", "How often the most probable class of a single draw of z is wrong."),
    (
        "number_below",
        "{unit} below the frontier, at most",
        "From the best that any code of this rate can know about Y down to H(Y) − CE. The code itself may know more, "
        "and keep less of X, than these bounds say, so it is at most so far from the best. ± is one standard error, "
        "over inputs and draws.",
    ),
    ("number_dims", "latent dims in use", "Dimensions whose KL exceeds 0.01 nats; the others fell back to the prior."),
)
GAIN = (
    "number_known",
    "{unit} gained about Y over a Gaussian guess",
    "Entropy of a Gaussian with the targets' variance − cross-entropy of q(y|z): what z tells of y beyond a guess that "
    "does not look. It bounds I(Z;Y) from below only if Y is Gaussian, which nobody knows of this table.",
)
