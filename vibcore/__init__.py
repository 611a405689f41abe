"""The science of Bottleneck Lab: variational information bottlenecks, a whole β curve at a time."""
