"""Fashion-MNIST (Xiao et al. 2017), where its file has been put."""

from vibcore.data.images import image_source

CLASSES = "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"
SOURCE = image_source("fashion_mnist", CLASSES)
