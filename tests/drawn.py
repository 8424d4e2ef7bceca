"""Networks drawn by chance: a design in, a network that is served, and that tells one picture from another, out."""

import keras
import numpy as np

from models.icnet.architecture import SHIPPED, Design, build_icnet
from models.icnet.fold import weighted


def drawn_network(design: Design = SHIPPED, seed: int = 1) -> keras.Model:
    """The graph that is served with weights of no meaning.

    Parameters
    ----------
    design
        Sizes and heads.
    seed
        Of the weights.
    """
    keras.utils.set_random_seed(seed)
    network, rng = build_icnet(design, training=False), np.random.default_rng(seed)
    for layer in weighted(network):
        kernel, bias = layer.get_weights()
        # Blocks add little, as normalised ones do: or logits would grow until every probability is 0 or 1.
        share = 0.2 if layer.name.endswith(("_increase", "_cls")) else 1.0
        layer.set_weights([share * kernel, rng.normal(0, 0.01, bias.shape)])
    return network
