# Multinomial logistic regression with an L2 penalty on the weights, in float64.

def logistic_objective(self, x: Tensor, labels: Tensor, w: Tensor, b: Tensor, c: float) -> Dict[str, Tensor]:
  # c * sum of the log losses + |w|^2 / 2 and its derivatives, all divided by c * N so that their size tells how
  # close the minimum is. The bias is free.
  N = x.size(0)
  log_p = torch.log_softmax(torch.linear(x, w, b), -1)                    # N x K
  loss = -log_p.gather(1, labels[:, None]).mean()
  residual = log_p.exp()
  residual.scatter_add_(1, labels[:, None], -torch.ones_like(labels[:, None], dtype=7))
  residual.div_(N)
  share = 1 / (c * N)
  return {
      "objective": loss + w.square().sum() * (0.5 * share),
      "w": residual.t() @ x + w * share,                                  # K x D
      "b": residual.sum(0)                                                # K
  }
