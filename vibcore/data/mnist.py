"""MNIST (LeCun et al. 1998), where its file has been put."""

from vibcore.data.images import image_source

SOURCE = image_source("mnist", tuple("0123456789"))
