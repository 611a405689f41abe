"""PyTorch's operators that are not part of its public interface, and the public calls that do the same.

`PRIVATE` says whether this PyTorch has them under the names used here: another version may have moved them, and the
slower public equivalents take over.
"""

from __future__ import annotations

import torch
from torch import Tensor

BETA1, BETA2, EPS = 0.9, 0.999, 1e-8  # Kingma & Ba 2015, alg. 1


def adam(parameters: Tensor, gradient: Tensor, moment1: Tensor, moment2: Tensor, step: int, lr: float) -> None:
    """One step of Adam in place, the moments too: flat buffers of one shape; `step` counts from 1."""
    count = torch.full((1,), float(step), device=parameters.device)
    torch._fused_adam_(
        [parameters],
        [gradient],
        [moment1],
        [moment2],
        [],
        [count],
        lr=lr,
        beta1=BETA1,
        beta2=BETA2,
        weight_decay=0.0,
        eps=EPS,
        amsgrad=False,
        maximize=False,
    )


def public_adam(parameters: Tensor, gradient: Tensor, moment1: Tensor, moment2: Tensor, step: int, lr: float) -> None:
    """The same as `adam` by public operators, equal to rounding."""
    moment1.lerp_(gradient, 1 - BETA1)
    moment2.mul_(BETA2).addcmul_(gradient, gradient, value=1 - BETA2)
    deviation = (moment2 / (1 - BETA2**step)).sqrt_().add_(EPS)
    parameters.addcdiv_(moment1, deviation, value=-lr / (1 - BETA1**step))


def relu_gradient(gradient: Tensor, h: Tensor) -> None:
    """Zero in place where h = ReLU(…) is zero: any shape."""
    torch.ops.aten.threshold_backward.grad_input(gradient, h, 0, grad_input=gradient)


def public_relu_gradient(gradient: Tensor, h: Tensor) -> None:
    """The same as `relu_gradient` by public operators, bit for bit."""
    gradient.masked_fill_(h <= 0, 0.0)


def _works() -> bool:
    """Whether this PyTorch has the private operators, with the arguments that they are given here."""
    one = torch.ones(4)
    try:
        adam(one.clone(), one, one.clone(), one.clone(), 1, 0.1)
        relu_gradient(one.clone(), one)
    except (AttributeError, RuntimeError, TypeError, NotImplementedError):
        return False
    return True


PRIVATE = _works()
if not PRIVATE:
    adam, relu_gradient = public_adam, public_relu_gradient
