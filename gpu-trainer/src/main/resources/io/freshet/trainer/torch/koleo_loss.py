# Kozachenko-Leonenko entropy: pushes every feature away from its nearest neighbour in the batch.

def koleo_loss(self, x: Tensor) -> Tensor:
  eps = 1.0e-8
  y = x / x.norm(2, -1, True).clamp_min(eps)          # B x D
  similarity = y.detach() @ y.detach().t()            # B x B
  similarity.fill_diagonal_(-1)
  nearest = similarity.argmax(1)                      # B
  distance = (y - y.index_select(0, nearest) + eps).norm(2, -1)  # B; the gradient flows into both ends
  return -(distance + eps).log().mean()
