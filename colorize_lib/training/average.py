"""The running average of a network's weights: steadier than the weights of any one step.

Sources
-------
.. [1] B. Polyak, A. Juditsky, "Acceleration of Stochastic Approximation by Averaging", SIAM J. Control Optim., 1992.
.. [2] A. Tarvainen, H. Valpola, "Mean teachers are better role models", NeurIPS 2017 (an exponential average, whose
   decay starts low, so that the random first weights are soon forgotten).
"""

import colorize_lib.quiet  # noqa: F401

import torch
from fastai.callback.core import Callback
from fastai.torch_core import get_model


class AveragedWeights(Callback):
    """Averages the weights after every step, and lends the average to the network for the dev pictures.

    The running mean and variance of the batch norms are averaged as the weights are.

    Parameters
    ----------
    decay
        In (0, 1): what the average keeps at each step. After t steps it is at most (1 + t) / (10 + t).
    """

    order = 15  # after fastai has moved and wrapped the network, before anything that looks at the dev pictures

    def __init__(self, decay: float):
        self.decay, self.steps, self.state = decay, 0, {}

    def state_dict(self) -> dict:
        """What :meth:`load_state_dict` needs to go on."""
        return {"steps": self.steps, "state": self.state}

    def load_state_dict(self, saved: dict) -> None:
        """Go on from where :meth:`state_dict` was taken."""
        self.steps, self.state = saved["steps"], saved["state"]

    def before_fit(self) -> None:
        if not self.state:
            self.state = self._now()

    @torch.no_grad()
    def after_step(self) -> None:
        keep = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for key, value in get_model(self.learn.model).state_dict().items():
            if value.is_floating_point():
                self.state[key].lerp_(value, 1 - keep)
            else:  # a batch norm's count of batches
                self.state[key].copy_(value)
        self.steps += 1

    def before_validate(self) -> None:
        self.own = self._now()
        get_model(self.learn.model).load_state_dict(self.state)

    def after_validate(self) -> None:
        get_model(self.learn.model).load_state_dict(self.own)

    def _now(self) -> dict[str, torch.Tensor]:
        """A copy of the network's own weights."""
        return {key: value.clone() for key, value in get_model(self.learn.model).state_dict().items()}
