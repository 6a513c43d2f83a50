# Teacher targets that use all prototypes equally: three turns of making rows and columns sum to equal shares.

def sinkhorn_knopp(self, logits: Tensor, teacher_temp: float, iterations: int) -> Tensor:
  N, K = logits.shape
  if N == 0:
    return logits
  # In float64, and less the greatest logit (one constant for all, which cancels exactly), so that
  # neither exp overflows nor a whole row of it vanishes.
  q = logits.double() / teacher_temp                  # N x K
  q = (q - q.max()).exp().t()                         # K x N
  q = q / q.sum()
  for _ in range(iterations):
    q = q / q.sum(1, True) / K                        # prototypes
    q = q / q.sum(0, True) / N                        # samples
  return (q * N).t().to(logits.dtype)                 # N x K
